import { lazy, Suspense } from "react";

import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import { Notice } from "../../components/Notice";
import { Tabs } from "../../components/Tabs";
import type { Day } from "../../services/api/progress";
import { lineInWords, points, readingsInWords, type Point } from "./numbers";

const MOST_LABELS = 14; // more numbers than that run into each other

const Line = lazy(() => import("./Line")); // charts are half of all the app's code: only for those who look at them

/** Two lines, or the same as a table. */
export function OverTime({ days }: { readonly days: readonly Day[] }) {
  const shown = points(days);
  return (
    <section aria-labelledby="over-time" className="flex flex-col gap-4">
      <h2 id="over-time" className="text-xl">Over time</h2>
      {shown.length === 0 ? (
        <Notice>You have not read in the last three months, so there is no line to draw. Your sounds are below.</Notice>
      ) : (
        <Tabs
          label="Over time"
          tabs={[
            { value: "lines", label: "As lines", content: <Lines shown={shown} /> },
            { value: "table", label: "As a table", content: <Table shown={shown} /> },
          ]}
        />
      )}
    </section>
  );
}

function Lines({ shown }: { readonly shown: readonly Point[] }) {
  return (
    <Suspense fallback={<Loading what="Drawing" />}>
      <div className="grid gap-5 md:grid-cols-2">
        <Chart
          title="Sounds right"
          unit="%"
          summary={lineInWords("Sounds right", "per cent", shown.map((point) => point.soundsRight))}
          of="soundsRight"
          shown={shown}
        />
        <Chart
          title="Words per minute"
          unit=""
          summary={lineInWords("Words read right", "per minute", shown.map((point) => point.wordsPerMinute))}
          of="wordsPerMinute"
          shown={shown}
        />
      </div>
    </Suspense>
  );
}

type ChartProps = {
  readonly title: string;
  readonly unit: string;
  readonly summary: string;
  readonly of: "soundsRight" | "wordsPerMinute";
  readonly shown: readonly Point[];
};

function Chart({ title, unit, summary, of, shown }: ChartProps) {
  const last = shown.at(-1);
  const labelled = shown.length <= MOST_LABELS;
  return (
    <Card className="flex flex-col gap-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3>{title}</h3>
        {last !== undefined && (
          <p><span className="text-3xl font-bold">{Math.round(last[of])}{unit}</span> <span className="text-quiet">on {last.day}</span></p>
        )}
      </div>
      <p className="sr-only">{summary}</p>
      <div aria-hidden>
        <Line of={of} unit={unit} shown={shown} labelled={labelled} />
      </div>
      <p className="text-sm text-quiet">
        {labelled ? "The small numbers say" : "The table says"} how many readings are behind each point.
      </p>
    </Card>
  );
}

function Table({ shown }: { readonly shown: readonly Point[] }) {
  return (
    // Narrow pages with large letters scroll it, by keyboard as well.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section aria-label="Your readings by day" tabIndex={0} className="overflow-x-auto rounded-card border border-line bg-raised p-4 shadow-page sm:p-7">
      <table className="w-full border-collapse text-sm tabular-nums sm:text-base">
        <caption className="sr-only">Your readings by day, the latest first</caption>
        <thead>
          <tr className="border-b-2 border-line text-start align-bottom">
            <th scope="col" className="py-2 pr-1.5 sm:pr-3">Day</th>
            <th scope="col" className="px-1.5 py-2 sm:px-3 text-end">Readings</th>
            <th scope="col" className="px-1.5 py-2 sm:px-3 text-end">Sounds right</th>
            <th scope="col" className="py-2 pl-1.5 sm:pl-3 text-end">Words a minute</th>
          </tr>
        </thead>
        <tbody>
          {shown.toReversed().map(({ date, day, readings, soundsRight, wordsPerMinute }) => (
            <tr key={date} className="border-b border-line last:border-0">
              <th scope="row" className="py-2 pr-1.5 sm:pr-3 text-start font-normal"><time className="whitespace-nowrap" dateTime={date}>{day}</time></th>
              <td className="px-1.5 py-2 sm:px-3 text-end"><span aria-hidden>{readings}</span><span className="sr-only">{readingsInWords(readings)}</span></td>
              <td className="px-1.5 py-2 sm:px-3 text-end">{soundsRight} %</td>
              <td className="py-2 pl-1.5 sm:pl-3 text-end">{wordsPerMinute}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
