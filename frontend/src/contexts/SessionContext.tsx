import { createContext, use, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, type ReactNode } from "react";

import { becomeGuest, register, renewToken, settle, signIn, signOutEverywhere, whoAmI, type Token, type User } from "../services/api/account";
import { ApiError } from "../services/api/http";
import { startPracticeSession } from "../services/api/sessions";
import { onRemembered, remember, remembered } from "../services/storage";
import { PracticeSession } from "./practiceSession";
import { atTime, renewInTime } from "./renewal";
import { accountOf, restored, sessionReducer, type Goodbye } from "./sessionState";

const STORED = "account";
const UNAUTHORIZED = 401;

export type Session = {
  readonly user: User | null;
  /** For the Authorization header and the WebSocket; null for a stranger. */
  readonly token: string | null;
  /** Why nobody is signed in. */
  readonly why: Goodbye;
  readonly signIn: (username: string, password: string) => Promise<void>;
  /** A guest stays who they are, and keeps everything. */
  readonly signUp: (username: string, password: string) => Promise<void>;
  readonly continueAsGuest: () => Promise<void>;
  /** Ends every token of the user, on all devices. Signed out here even when the server is away. */
  readonly signOut: () => Promise<void>;
  /** The account is gone. */
  readonly deleted: () => void;
  /** A newer token of the same user; asked for once however many want it. Rejects with an ApiError. */
  readonly renew: () => Promise<string>;
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
  useEffect(() => atTime(account?.expiresAt, () => { refused(token ?? ""); }), [account?.expiresAt, token, refused]);
  const renew = useRenewal(token, (old, fresh) => { dispatch({ type: "renewed", token: old, fresh, now: Date.now() }); });
  useEffect(() => renewInTime(account?.renewAt, renew, () => { refused(token ?? ""); }), [account?.renewAt, token, renew, refused]);

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
        if (account?.user.guest === true) {
          const user = await settle(username, password, { token: account.token });
          dispatch({ type: "looked-up", token: account.token, user });
          return;
        }
        await register(username, password);
        await enter(signIn(username, password));
      },
      continueAsGuest: async () => { await enter(becomeGuest()); },
      signOut: async () => {
        if (token !== null) await signOutEverywhere({ token }).catch(() => undefined);
        dispatch({ type: "left", why: "signed-out" });
      },
      renew,
      deleted: () => { dispatch({ type: "left", why: "deleted" }); },
      refused,
      ...practice,
    }),
    [account, token, state, enter, renew, refused, practice],
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

/** Asks for another token in the place of the one that is in use when it is asked. */
function useRenewal(token: string | null, renewed: (old: string, fresh: Token) => void): () => Promise<string> {
  const latest = useRef({ token, renewed });
  const running = useRef<Promise<string> | null>(null);
  useLayoutEffect(() => {
    latest.current = { token, renewed };
  });
  return useCallback(() => {
    const ask = async () => {
      const old = latest.current.token;
      if (old === null) throw signInFirst();
      const fresh = await renewToken({ token: old });
      latest.current.renewed(old, fresh);
      return fresh.value;
    };
    running.current ??= ask().finally(() => { running.current = null; });
    return running.current;
  }, []);
}

/** Changes with the user, and not with each token of theirs. */
function usePractice(userId: number | null, token: string | null) {
  const latest = useRef(token);
  const current = useRef<{ owner: number; session: PracticeSession } | null>(null);
  useLayoutEffect(() => {
    latest.current = token; // before those further inside make use of it
  }, [token]);
  return useMemo(() => {
    const session = () => {
      if (userId === null) throw signInFirst();
      if (current.current?.owner !== userId) {
        const start = () => startPracticeSession("practice", { token: latest.current ?? undefined });
        current.current = { owner: userId, session: new PracticeSession(userId, start, { remembered, remember }, () => new Date()) };
      }
      return current.current.session;
    };
    return {
      practiceSession: async () => await session().id(),
      forgetPracticeSession: () => { session().forget(); },
    };
  }, [userId]);
}

function signInFirst(): ApiError {
  return new ApiError("Please sign in first.", { status: UNAUTHORIZED, code: "unauthorized", retryable: false });
}
