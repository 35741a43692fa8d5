import { ApiError } from "@chatconnect/protocol";
import { describe, expect, it } from "vitest";
import { checkNewAccount, explain } from "./useAuthForm";

describe("checkNewAccount", () => {
  it("takes what the contract takes", () => {
    expect(checkNewAccount("ana.b-c_9", "", "correct horse")).toEqual({});
    expect(checkNewAccount("abc", "Ána 🌿", "12345678")).toEqual({});
  });

  it.each([
    ["ab", "", "12345678", { username: "auth.usernameInvalid" }],
    ["a".repeat(33), "", "12345678", { username: "auth.usernameInvalid" }],
    ["ana!", "", "12345678", { username: "auth.usernameInvalid" }],
    ["ana", "x".repeat(65), "12345678", { displayName: "auth.displayNameInvalid" }],
    ["ana", "", "1234567", { password: "auth.passwordShort" }],
    ["ana", "", "é".repeat(37), { password: "auth.passwordLong" }],
    ["ana", "", "my name is ANA", { password: "auth.passwordName" }],
  ])("refuses %s / %s / %s", (username, displayName, password, errors) => {
    expect(checkNewAccount(username, displayName, password)).toEqual(errors);
  });
});

describe("explain", () => {
  it("puts what the server refused beside its field", () => {
    const fields = { username: "must be 3 to 32 characters", password: "is on the list of common passwords" };
    expect(explain(new ApiError(422, { code: "invalid", fields }))).toEqual({
      errors: { username: "auth.usernameInvalid", password: "auth.passwordCommon" },
      problem: null,
    });
    expect(explain(new ApiError(409, { code: "user.username_taken" })).errors).toEqual({ username: "auth.usernameTaken" });
  });

  it("says the rest once, for the form", () => {
    expect(explain(new ApiError(401, { code: "auth.bad_credentials" })).problem).toBe("auth.badCredentials");
    expect(explain(new ApiError(403, { code: "auth.banned" })).problem).toBe("auth.banned");
    expect(explain(new ApiError(403, { code: "auth.registration_closed" })).problem).toBe("auth.inviteOver");
    expect(explain(new ApiError(0, {})).problem).toBe("auth.network");
    expect(explain(new ApiError(500, { code: "internal" })).problem).toBe("auth.failed");
    expect(explain(new Error("?")).problem).toBe("auth.failed");
  });
});
