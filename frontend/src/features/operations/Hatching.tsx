/** How bars of SSE are filled. */
export function Hatching({ id }: { readonly id: string }) {
  return (
    <defs>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={6} height={6} fill="var(--color-raised)" />
        <line x1={0} x2={0} y1={0} y2={6} stroke="var(--color-edge)" strokeWidth={5} />
      </pattern>
    </defs>
  );
}
