import { useEffect, useState, type ReactNode } from "react";

import { Button } from "../../components/Button";
import { ButtonLink } from "../../components/ButtonLink";
import { Notice } from "../../components/Notice";
import { browserOf, microphoneHelp } from "./microphoneHelp";
import { NOTES } from "./note";
import { troubleOf, type Trouble } from "./trouble";
import type { Doings, Scene } from "./scene";

type TroubleProps = { readonly scene: Scene; readonly doings: Doings };

/** What went wrong or what to know, in its place on the page. One thing at a time, the most pressing. */
export function TroubleNotice({ scene, doings }: TroubleProps) {
  const trouble = troubleIn(scene, doings);
  const note = trouble === null ? noteIn(scene) : "";
  return (
    <>
      {trouble}
      <output className="block empty:-mt-4 sm:empty:-mt-5">{note !== "" && <Notice>{note}</Notice>}</output>
    </>
  );
}

function troubleIn({ recorder, analysis, note, reading }: Scene, doings: Doings): ReactNode {
  if (recorder.problem !== null) return <Notice tone="trouble">{microphoneHelp(recorder.problem, browserOf(navigator.userAgent))}</Notice>;
  if (note === "lost") return <Notice tone="trouble" action={<ResendButton seconds={0} onResend={doings.onResend} />}>{NOTES.lost}</Notice>;
  if (note !== "none" || analysis.problem === null) return null;
  const trouble = troubleOf(analysis.problem, reading?.quality ?? "good");
  return <Notice tone="trouble" action={<Action trouble={trouble} doings={doings} />}>{trouble.text}</Notice>;
}

function noteIn({ note, voiceFailed }: Scene): string {
  if (note !== "none") return NOTES[note];
  return voiceFailed ? "The model voice cannot be had just now. Everything else works; please try again in a moment." : "";
}

function Action({ trouble: { remedy, waitSeconds }, doings }: { readonly trouble: Trouble; readonly doings: Doings }) {
  switch (remedy) {
    case "resend":
    case "wait":
      return <ResendButton key={waitSeconds} seconds={waitSeconds} onResend={doings.onResend} />;
    case "sign-in":
      return <ButtonLink to="/sign-in">Come in</ButtonLink>;
    case "again":
    case "next":
    case "none":
      return null; // the buttons for it are on the page already
  }
}

/** Waits as long as the server asked for. */
function ResendButton({ seconds, onResend }: { readonly seconds: number; readonly onResend: () => void }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => { setLeft(left - 1); }, 1000);
    return () => { clearTimeout(timer); };
  }, [left]);
  return <Button disabled={left > 0} onClick={onResend}>{left > 0 ? `Send again in ${left}` : "Send again"}</Button>;
}
