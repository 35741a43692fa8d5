import { ApiError, type User } from "@chatconnect/protocol";
import { useState } from "react";
import type { Key } from "../../../shared/i18n/en";
import { checkPassword, passwordReason } from "../../../shared/lib/password";

export type FieldName = "username" | "displayName" | "password";
export type FieldErrors = Partial<Record<FieldName, Key>>;

export interface AuthForm {
  busy: boolean;
  errors: FieldErrors;
  /** What concerns the form as a whole. */
  problem: Key | null;
  /** Sends the form, unless `check` finds something wrong with it first. */
  submit(check: () => FieldErrors, send: () => Promise<{ user: User }>): Promise<User | null>;
  /** The person is correcting this field. */
  touched(field: FieldName): void;
}

export function useAuthForm(): AuthForm {
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<Key | null>(null);

  return {
    busy,
    errors,
    problem,
    touched: (field) => setErrors((now) => Object.fromEntries(Object.entries(now).filter(([name]) => name !== field))),
    submit: async (check, send) => {
      const found = check();
      setErrors(found);
      setProblem(null);
      if (Object.keys(found).length > 0) return null;
      setBusy(true);
      try {
        return (await send()).user;
      } catch (error) {
        const refused = explain(error);
        setErrors(refused.errors);
        setProblem(refused.problem);
        return null;
      } finally {
        setBusy(false);
      }
    },
  };
}

/** What the server refused, in our own words: its own are English sentences for developers. */
export function explain(error: unknown): { errors: FieldErrors; problem: Key | null } {
  if (!(error instanceof ApiError)) return { errors: {}, problem: "auth.failed" };
  switch (error.code) {
    case "user.username_taken":
      return { errors: { username: "auth.usernameTaken" }, problem: null };
    case "auth.bad_credentials":
      return { errors: {}, problem: "auth.badCredentials" };
    case "auth.banned":
      return { errors: {}, problem: "auth.banned" };
    case "auth.registration_closed":
      return { errors: {}, problem: "auth.inviteOver" };
    case "network":
      return { errors: {}, problem: "auth.network" };
    case "rate_limited":
      return { errors: {}, problem: "error.rateLimited" };
  }
  const errors: FieldErrors = {};
  for (const [field, reason] of Object.entries(error.fields)) {
    if (field === "username") errors.username = "auth.usernameInvalid";
    else if (field === "displayName") errors.displayName = "auth.displayNameInvalid";
    else if (field === "password") errors.password = passwordReason(reason);
  }
  return { errors, problem: Object.keys(errors).length > 0 ? null : "auth.failed" };
}

/** The contract's rules that can be checked without the server. */
export function checkNewAccount(username: string, displayName: string, password: string): FieldErrors {
  const errors: FieldErrors = {};
  if (!/^[a-z0-9._-]{3,32}$/.test(username)) errors.username = "auth.usernameInvalid";
  if ([...displayName.trim()].length > 64) errors.displayName = "auth.displayNameInvalid";
  const refused = checkPassword(password, username);
  if (refused) errors.password = refused;
  return errors;
}
