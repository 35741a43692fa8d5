import type { User } from "@chatconnect/protocol";

const KEY = "chatconnect.user";

/** Who was signed in the last time: the page opens with them at once, and without a network. */
export function rememberedUser(): User | null {
  try {
    const user = JSON.parse(localStorage.getItem(KEY) ?? "null") as Partial<User> | null;
    return typeof user?.id === "string" && typeof user.username === "string" && typeof user.displayName === "string" ? (user as User) : null;
  } catch {
    return null;
  }
}

export function rememberUser(user: User | null): void {
  try {
    if (user) localStorage.setItem(KEY, JSON.stringify(user));
    else localStorage.removeItem(KEY);
  } catch {
    // Then the next start asks the server first.
  }
}
