type RowsProps = { readonly caption: string; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly empty: string };

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
          <tr className="border-b-2 border-line">
            {head.map((name) => <th key={name} scope="col" className="px-2 py-2 text-start">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest]) => (
            <tr key={[first, ...rest].join("|")} className="border-b border-line last:border-0">
              <th scope="row" className="px-2 py-2 text-start font-normal">{first}</th>
              {rest.map((cell, column) => <td key={head[column + 1]} className="px-2 py-2">{cell}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
