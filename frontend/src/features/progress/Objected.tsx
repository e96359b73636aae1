import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../components/Button";
import { ButtonLink } from "../../components/ButtonLink";
import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import { Trouble } from "../../components/Trouble";
import { useSession } from "../../contexts/SessionContext";
import { objectedWords, type ObjectedWord } from "../../services/api/objections";
import { dayOf } from "../../services/days";
import { practiceAddress } from "../../services/practiceChoice";
import { spokenVerdict } from "../practice/verdict";
import { dayInWords } from "./numbers";

/** What a reader does not agree with, for a grown-up who listens when it is read again. Looked up when somebody asks. */
export function Objected() {
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-labelledby="objected" className="flex flex-col items-start gap-4">
      <div>
        <h2 id="objected" className="text-xl">“I said it right”</h2>
        <p className="max-w-[60ch] text-quiet">
          Words that you said were right although we heard something else. No recording is kept: a grown-up can hear you read them again.
        </p>
      </div>
      {isOpen ? <Words /> : <Button onClick={() => { setOpen(true); }}>Show these words</Button>}
    </section>
  );
}

function Words() {
  const { token } = useSession();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["objected"],
    queryFn: () => objectedWords({ token: token ?? undefined }),
    staleTime: 0,
  });
  if (isPending) return <Loading what="Looking them up" />;
  if (error !== null) return <Trouble error={error} again={refetch} />;
  if (data.length === 0) return <p>There are none in your latest readings.</p>;
  return (
    <ul className="flex w-full flex-col gap-3">
      {data.map((one) => <Word key={one.key} objected={one} />)}
    </ul>
  );
}

function Word({ objected: { word, sentence, at } }: { readonly objected: ObjectedWord }) {
  return (
    <li>
      <Card className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <p className="min-w-0 flex-1 basis-64">
          <strong className="block text-lg first-letter:uppercase">{spokenVerdict(word)}</strong>
          “{sentence}” <span className="whitespace-nowrap text-quiet">{dayInWords(dayOf(at))}</span>
        </p>
        <ButtonLink to={practiceAddress({ text: sentence })}>Read it again</ButtonLink>
      </Card>
    </li>
  );
}
