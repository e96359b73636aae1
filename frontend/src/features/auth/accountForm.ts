import { NAME_CHARACTERS, PASSWORD_CHARACTERS } from "../../services/api/account";
import { ApiError, messageOf } from "../../services/api/http";

/** What is wrong, by the place where it is said. */
export type FormErrors = { readonly username?: string; readonly password?: string; readonly form?: string };

const CONFLICT = 409;

/** What can be said before the server is asked. Empty when all is well. */
export function checkNewAccount(username: string, password: string): FormErrors {
  const name = username.trim().length;
  return {
    ...((name < NAME_CHARACTERS.min || name > NAME_CHARACTERS.max) && {
      username: `A name has ${NAME_CHARACTERS.min} to ${NAME_CHARACTERS.max} characters.`,
    }),
    ...((password.length < PASSWORD_CHARACTERS.min || password.length > PASSWORD_CHARACTERS.max) && {
      password: `A password has ${PASSWORD_CHARACTERS.min} to ${PASSWORD_CHARACTERS.max} characters.`,
    }),
  };
}

export function checkSignIn(username: string, password: string): FormErrors {
  return {
    ...(username.trim() === "" && { username: "Please enter your name." }),
    ...(password === "" && { password: "Please enter your password." }),
  };
}

/** A refusal beside the field that it is about; about both, or about neither, above the button. */
export function errorsFrom(error: unknown): FormErrors {
  const message = messageOf(error);
  if (!(error instanceof ApiError)) return { form: message };
  if (error.status === CONFLICT) return { username: message };
  const name = /\bname\b|^username/i.test(message);
  const password = /password/i.test(message);
  if (name === password) return { form: message };
  return name ? { username: message } : { password: message };
}

/** Where to go after signing in: only ever within this app. */
export function nextAddress(next: string | null, otherwise: string): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : otherwise;
}
