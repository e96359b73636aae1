import { useMutation } from "@tanstack/react-query";
import { useId, useState, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { Button } from "../../components/Button";
import { FieldError } from "../../components/Field";
import { PageHeader } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import { messageOf } from "../../services/api/http";
import { checkText } from "../../services/api/practice";
import { practiceAddress, rememberChoice } from "../../services/practiceChoice";

const LONGEST = 300; // characters: `max_sentence_characters` of the server

export default function OwnWordsPage() {
  const id = useId();
  const { token, user } = useSession();
  const navigate = useNavigate();
  const [words, setWords] = useState("");
  const check = useMutation({ mutationFn: async () => await checkText(words.trim(), { token: token ?? undefined }) });

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const sentence = await check.mutateAsync();
    const choice = { text: sentence };
    if (user !== null) rememberChoice(user.id, { choice, name: "your own words" });
    await navigate(practiceAddress(choice));
  };
  return (
    <div className="flex flex-col gap-8">
      <PageHeader title="Your own words">A line of a song, a sentence from your book, something you want to say.</PageHeader>
      <form onSubmit={(event) => void submit(event).catch(() => undefined)} className="flex max-w-3xl flex-col items-start gap-5">
        <div className="flex w-full flex-col gap-2">
          <label htmlFor={id} className="font-bold">What do you want to read?</label>
          <textarea
            id={id}
            rows={3}
            required
            maxLength={LONGEST}
            value={words}
            aria-invalid={check.isError}
            aria-describedby={`${id}-left ${id}-error`}
            onChange={(event) => {
              setWords(event.target.value);
              check.reset();
            }}
            className="field-sizing-content min-h-40 w-full resize-none rounded-card border-2 border-edge bg-raised p-5 text-[clamp(1.4rem,3.500vw,2.1rem)] leading-normal aria-invalid:border-danger"
          />
          <p id={`${id}-left`} className="text-sm text-quiet">{words.length} of {LONGEST} characters</p>
          <FieldError id={`${id}-error`} message={check.isError ? messageOf(check.error) : undefined} />
        </div>
        <Button type="submit" look="primary" size="large" disabled={check.isPending || words.trim() === ""}>Read this</Button>
      </form>
    </div>
  );
}
