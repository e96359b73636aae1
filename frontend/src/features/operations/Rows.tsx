import type { ReactNode } from "react";

export type Row = {
  /** Of no other row. */
  readonly key: string | number;
  /** As many as the head has; the first names the row. */
  readonly cells: readonly [ReactNode, ...ReactNode[]];
};

type RowsProps = { readonly caption: string; readonly head: readonly string[]; readonly rows: readonly Row[]; readonly empty: string };

/** A table whose first column names its rows. */
export function Rows({ caption, head, rows, empty }: RowsProps) {
  if (rows.length === 0) return <p className="text-quiet">{empty}</p>;
  return (
    // Narrow pages with large letters scroll it, by keyboard as well.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section aria-label={caption} tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse text-sm tabular-nums">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b-2 border-line align-bottom">
            {head.map((name) => <th key={name} scope="col" className="px-2 py-2 text-start">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...rest] }) => (
            <tr key={key} className="border-b border-line align-top last:border-0">
              <th scope="row" className="px-2 py-2 text-start font-normal">{first}</th>
              {rest.map((cell, column) => <td key={head[column + 1]} className="px-2 py-2">{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
