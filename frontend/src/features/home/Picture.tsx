/** A bird that reads to the evening: the frontispiece. */
export function Picture() {
  return (
    <svg aria-hidden viewBox="0 0 440 300" className="w-full rounded-card">
      <rect width="440" height="300" className="fill-sky" />
      <circle cx="366" cy="82" r="42" className="fill-moon" />
      <path d="M0 216c60-44 128-46 196-16s150 30 244-22v122H0z" className="fill-far-hill" />
      <path d="M0 254c90-30 160-18 232-4s140 8 208-14v64H0z" className="fill-near-hill" />
      <Letters />
      <Book />
      <Bird />
    </svg>
  );
}

function Book() {
  return (
    <g>
      <path d="M62 232c36-16 74-14 104 6 30-20 68-22 104-6v34c-36-14-74-13-104 8-30-21-68-22-104-8z" className="fill-wing" />
      <path d="M70 222c34-14 70-12 96 8v34c-28-18-62-19-96-7z" className="fill-leaf" />
      <path d="M262 222c-34-14-70-12-96 8v34c28-18 62-19 96-7z" className="fill-leaf" />
      <g className="fill-none stroke-rule" strokeWidth="3" strokeLinecap="round">
        <path d="M84 231c22-6 44-5 66 5M84 243c22-6 44-5 66 5M182 236c22-10 44-11 66-5M182 248c22-10 44-11 66-5" />
      </g>
    </g>
  );
}

function Bird() {
  return (
    <g>
      <path d="M128 222l4-24M146 224l-2-26" className="stroke-wrong" strokeWidth="5" strokeLinecap="round" />
      <path d="M70 174l-36-8 26 26z" className="fill-wing" />
      <path d="M54 182c10-46 44-78 84-78 36 0 58 26 58 54 0 30-26 48-64 48-34 0-60-8-78-24z" className="fill-feather" />
      <path d="M132 206c-22 0-40-3-55-9 10-24 32-40 58-38 24 1 42 14 48 31-11 11-29 16-51 16z" className="fill-honey" />
      <path d="M82 172c6-22 26-34 48-30-2 24-22 40-48 30z" className="fill-wing" />
      <path d="M192 136l30-12-22 24zM194 150l24 10-26 4z" className="fill-wrong" />
      <circle cx="164" cy="134" r="10" className="fill-leaf" />
      <circle cx="166" cy="134" r="5.500" className="fill-[#2c241f]" />
    </g>
  );
}

function Letters() {
  return (
    <g className="fill-ink font-bold">
      <text x="236" y="128" fontSize="30">sh</text>
      <text x="278" y="118" fontSize="34" transform="rotate(-8 278 118)">ip</text>
      <g className="fill-none stroke-ink opacity-45" strokeWidth="3.500" strokeLinecap="round">
        <path d="M236 150q14-12 28 0t28 0" />
      </g>
    </g>
  );
}
