import { useQuery } from "@tanstack/react-query";
import { AudioLines, BookHeart, PencilLine, Sprout, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { ButtonLink } from "../../components/ButtonLink";
import { Card } from "../../components/Card";
import { classes } from "../../components/classes";
import { PageHeader } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import type { User } from "../../services/api/account";
import { getProgress } from "../../services/api/progress";
import { lastChoice, practiceAddress } from "../../services/practiceChoice";
import { greeting } from "./greeting";
import { readToday, TODAYS_SENTENCES, todayInWords } from "./today";
import { whereYouWere } from "./whereYouWere";

/** For somebody who has been here before: go on, or choose. */
export function ReaderHome({ user }: { readonly user: User }) {
  const [hello] = useState(() => greeting(new Date().getHours()));
  return (
    <div className="flex flex-col gap-10">
      <PageHeader title={user.guest ? hello : `${hello}, ${user.username}`}>What would you like to read?</PageHeader>
      <Today user={user} />
      <section aria-labelledby="choose" className="flex flex-col gap-4">
        <h2 id="choose" className="text-xl">Or choose for yourself</h2>
        <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Way to="/sounds" icon={AudioLines} name="A sound" more="such as sh, or the short a" />
          <Way to="/levels" icon={Sprout} name="A level" more="from first words to long thoughts" />
          <Way to="/stories" icon={BookHeart} name="A story" more="short, and told sentence by sentence" />
          <Way to="/own-words" icon={PencilLine} name="Your own words" more="anything you like to read" />
        </ul>
      </section>
      {user.guest && <GuestNote />}
    </div>
  );
}

function Today({ user }: { readonly user: User }) {
  const { token } = useSession();
  const [last] = useState(() => lastChoice(user.id));
  const [now] = useState(() => new Date());
  const { data } = useQuery({
    queryKey: ["progress", "today"],
    queryFn: ({ signal }) => getProgress(2, { token: token ?? undefined, signal }),
    staleTime: 0, // somebody may come here straight from a reading
  });
  const read = readToday(data?.days ?? [], now);
  return (
    <Card className="flex flex-col gap-6 sm:p-9">
      <div className="flex flex-col gap-1">
        <h2 className="text-2xl">Today’s five minutes</h2>
        <p className="text-quiet">{todayInWords(read)}</p>
      </div>
      <Stones read={read} />
      <div className="flex flex-wrap gap-3">
        <ButtonLink to="/practice" look="primary" size="large">{read === 0 ? "Start reading" : "Go on reading"}</ButtonLink>
        {last !== null && (
          <ButtonLink to={practiceAddress(last.choice)} size="large" className="font-normal">{whereYouWere(last)}</ButtonLink>
        )}
      </div>
    </Card>
  );
}

/** Stepping stones, one for each sentence; the words above say the same. */
function Stones({ read }: { readonly read: number }) {
  const stones = Array.from({ length: TODAYS_SENTENCES }, (_, place) => place);
  return (
    <div aria-hidden className="flex max-w-md items-end gap-1.5 sm:gap-2.5">
      {stones.map((place) => (
        <span
          key={place}
          className={classes(
            "h-4 flex-1 rounded-[50%] sm:h-5",
            place % 2 === 1 && "mb-2",
            place < read ? "bg-honey" : "border-2 border-dashed border-edge",
          )}
        />
      ))}
    </div>
  );
}

type WayProps = { readonly to: string; readonly icon: LucideIcon; readonly name: string; readonly more: string };

function Way({ to, icon: Icon, name, more }: WayProps) {
  return (
    <li>
      <Link
        to={to}
        className="flex h-full items-center gap-4 rounded-card border border-line bg-raised p-5 no-underline transition-colors duration-150 hover:border-accent hover:bg-accent-soft sm:flex-col sm:items-start"
      >
        <span aria-hidden className="grid size-12 shrink-0 place-items-center rounded-full bg-accent-soft text-accent">
          <Icon />
        </span>
        <span>
          <span className="block text-lg font-bold">{name}</span>
          <span className="text-quiet">{more}</span>
        </span>
      </Link>
    </li>
  );
}

function GuestNote() {
  return (
    <p className="text-quiet">
      You are reading as a guest, on this device only.{" "}
      <Link to="/sign-up?next=/" className="inline-block py-2.5 font-bold text-accent underline">Make an account</Link> to keep what you have read.
    </p>
  );
}
