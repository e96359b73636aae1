import { createContext, use, useCallback, useEffect, useMemo, useReducer, useRef, type ReactNode } from "react";

import { becomeGuest, register, signIn, signOutEverywhere, whoAmI, type Token, type User } from "../services/api/account";
import { ApiError } from "../services/api/http";
import { startPracticeSession } from "../services/api/sessions";
import { onRemembered, remember, remembered } from "../services/storage";
import { PracticeSession } from "./practiceSession";
import { accountOf, restored, sessionReducer, type Goodbye } from "./sessionState";

const STORED = "account";
const UNAUTHORIZED = 401;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type Session = {
  readonly user: User | null;
  /** For the Authorization header and the WebSocket; null for a stranger. */
  readonly token: string | null;
  /** Why nobody is signed in. */
  readonly why: Goodbye;
  readonly signIn: (username: string, password: string) => Promise<void>;
  readonly signUp: (username: string, password: string) => Promise<void>;
  readonly continueAsGuest: () => Promise<void>;
  /** Ends every token of the user, on all devices. Signed out here even when the server is away. */
  readonly signOut: () => Promise<void>;
  /** The account is gone. */
  readonly deleted: () => void;
  /** The server did not take this token any more. */
  readonly refused: (token: string) => void;
  /** The id that readings are sent under: one for each day of practice, made when it is first needed. */
  readonly practiceSession: () => Promise<number>;
  /** The server does not know the id any more; the next call makes another. */
  readonly forgetPracticeSession: () => void;
};

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [state, dispatch] = useReducer(sessionReducer, null, () => restored(remembered(STORED), Date.now()));
  const account = state.status === "known" ? state.account : null;
  const token = account?.token ?? null;

  useEffect(() => {
    remember(STORED, account === null ? null : JSON.stringify(account));
  }, [account]);
  useEffect(
    () =>
      onRemembered(STORED, (stored) => {
        const elsewhere = restored(stored, Date.now());
        if (elsewhere.status === "known") dispatch({ type: "entered", account: elsewhere.account });
        else dispatch({ type: "left", why: "signed-out" });
      }),
    [],
  );

  const refused = useCallback((bad: string) => {
    dispatch({ type: "refused", token: bad });
  }, []);
  useEffect(() => lookUp(token, (user) => { dispatch({ type: "looked-up", token: token ?? "", user }); }, refused), [token, refused]);
  useEffect(() => atEnd(account?.expiresAt, () => { refused(token ?? ""); }), [account?.expiresAt, token, refused]);

  const enter = useCallback(async (entering: Promise<Token>) => {
    const fresh = await entering;
    const user = await whoAmI({ token: fresh.value });
    dispatch({ type: "entered", account: accountOf(fresh, user, Date.now()) });
  }, []);
  const practice = usePractice(account?.user.id ?? null, token);

  const session = useMemo<Session>(
    () => ({
      user: account?.user ?? null,
      token,
      why: state.status === "stranger" ? state.why : "never-here",
      signIn: async (username, password) => { await enter(signIn(username, password)); },
      signUp: async (username, password) => {
        await register(username, password);
        await enter(signIn(username, password));
      },
      continueAsGuest: async () => { await enter(becomeGuest()); },
      signOut: async () => {
        if (token !== null) await signOutEverywhere({ token }).catch(() => undefined);
        dispatch({ type: "left", why: "signed-out" });
      },
      deleted: () => { dispatch({ type: "left", why: "deleted" }); },
      refused,
      ...practice,
    }),
    [account, token, state, enter, refused, practice],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error("useSession needs a SessionProvider around it");
  return session;
}

/** The token's user, asked for once per token. A server that is away changes nothing. */
function lookUp(token: string | null, found: (user: User) => void, refused: (token: string) => void): () => void {
  const stopped = new AbortController();
  if (token !== null) {
    whoAmI({ token, signal: stopped.signal }).then(found).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === UNAUTHORIZED) refused(token);
    });
  }
  return () => { stopped.abort(); };
}

function atEnd(expiresAt: number | undefined, ended: () => void): () => void {
  if (expiresAt === undefined) return () => undefined;
  const timer = setTimeout(ended, Math.min(Math.max(0, expiresAt - Date.now()), LONGEST_TIMER_MS));
  return () => { clearTimeout(timer); };
}

function usePractice(userId: number | null, token: string | null) {
  const current = useRef<{ owner: string; session: PracticeSession } | null>(null);
  return useMemo(() => {
    const owner = `${userId ?? ""} ${token ?? ""}`;
    const session = () => {
      if (userId === null || token === null) throw new ApiError("Please sign in first.", { status: UNAUTHORIZED, code: "unauthorized", retryable: false });
      if (current.current?.owner !== owner) {
        const start = () => startPracticeSession("practice", { token });
        current.current = { owner, session: new PracticeSession(userId, start, { remembered, remember }, () => new Date()) };
      }
      return current.current.session;
    };
    return {
      practiceSession: async () => await session().id(),
      forgetPracticeSession: () => { session().forget(); },
    };
  }, [userId, token]);
}
