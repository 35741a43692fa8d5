import { HttpApi } from "@chatconnect/protocol";

/** The server that this page came from. */
export const api = new HttpApi();
