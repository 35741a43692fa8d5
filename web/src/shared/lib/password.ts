import type { Key } from "../i18n/en";

/** Why the server will refuse a password, as far as that can be told without it. */
export function checkPassword(password: string, username: string): Key | null {
  if ([...password].length < 8) return "auth.passwordShort";
  if (new TextEncoder().encode(password).length > 72) return "auth.passwordLong";
  if (username && password.toLowerCase().includes(username)) return "auth.passwordName";
  return null;
}

/** What the server said against a password, in our own words. */
export function passwordReason(reason: string): Key {
  if (reason.includes("common")) return "auth.passwordCommon";
  if (reason.includes("username")) return "auth.passwordName";
  if (reason.includes("72")) return "auth.passwordLong";
  return "auth.passwordShort";
}
