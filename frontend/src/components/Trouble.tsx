import { Button } from "./Button";
import { Notice } from "./Notice";
import { messageOf } from "../services/api/http";

/** What could not be shown, and the way to try again. */
export function Trouble({ error, again }: { readonly error: unknown; readonly again: () => unknown }) {
  return (
    <Notice tone="trouble" action={<Button onClick={() => { again(); }}>Try again</Button>}>
      {messageOf(error)}
    </Notice>
  );
}
