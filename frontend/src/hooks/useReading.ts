import { useCallback, useReducer, useRef } from "react";

import { analyze, ApiError, becomeGuest, type Guest } from "../services/api";
import { analysisReducer, NOTHING_YET } from "./startReducer";

const UNAUTHORIZED = 401;

/** One reading after another, as a guest who is made when the first one is sent. */
export function useReading() {
  const [reading, dispatch] = useReducer(analysisReducer, NOTHING_YET);
  const guest = useRef<Promise<Guest> | null>(null);

  const send = useCallback(async (audio: File, sentence: string) => {
    const listen = async () => {
      guest.current ??= becomeGuest();
      for await (const event of analyze(await guest.current, audio, sentence)) dispatch(event);
    };
    dispatch({ type: "sent" });
    try {
      await listen().catch((error: unknown) => {
        guest.current = null; // made anew: the token may have expired, or the server may have been away
        if (error instanceof ApiError && error.status === UNAUTHORIZED) return listen();
        throw error;
      });
    } catch (error) {
      const known = error instanceof ApiError;
      dispatch({ type: "lost", message: known ? error.message : "The connection was lost. Please try again." });
    }
  }, []);

  const reset = useCallback(() => {
    dispatch({ type: "reset" });
  }, []);
  return { reading, send, reset };
}
