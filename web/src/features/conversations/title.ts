/** Characters of a conversation's title, as the server takes them. */
export const LONGEST_TITLE = 100;
