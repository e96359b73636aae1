/** While something small is on its way. Says so only to those who cannot see it, and moves nothing. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <output className="flex items-center gap-3 py-6 text-quiet">
      <span aria-hidden className="flex gap-1.5">
        <span className="size-2.5 animate-pulse rounded-full bg-accent" />
        <span className="size-2.5 animate-pulse rounded-full bg-accent [animation-delay:150ms]" />
        <span className="size-2.5 animate-pulse rounded-full bg-accent [animation-delay:300ms]" />
      </span>
      {what}
    </output>
  );
}
