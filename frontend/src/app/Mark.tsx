/** The book that speaks. */
export function Mark() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className="size-9 shrink-0">
      <path d="M4 9.5c4.5-2 8.500-1.500 12 1.200 3.500-2.700 7.500-3.200 12-1.200v14.500c-4.500-2-8.500-1.500-12 1.200-3.500-2.700-7.500-3.200-12-1.200z" className="fill-raised stroke-accent" strokeWidth="2.4" strokeLinejoin="round" />
      <path d="M16 10.700v14.300" className="stroke-accent" strokeWidth="2.400" />
      <path d="M20 14.500q2.500-1 4.800-.3M20 18.500q2.500-1 4.800-.3" className="fill-none stroke-right" strokeWidth="2" strokeLinecap="round" />
      <path d="M7.200 14.700q1.200-1.600 2.400 0t2.400 0M7.200 18.700q1.200-1.600 2.400 0t2.400 0" className="fill-none stroke-wrong" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
