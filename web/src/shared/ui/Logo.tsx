/** Two speech bubbles that hold each other: a C and a C. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <rect width="48" height="48" rx="13" fill="#0b7a75" />
      <g fill="none" strokeWidth="4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M27.5 12.5h-8a8 8 0 0 0-8 8v3a8 8 0 0 0 5 7.4V36l5-4.6" stroke="#fff" />
        <path d="M20.5 31.5h8a8 8 0 0 0 8-8v-3a8 8 0 0 0-3.2-6.4" stroke="#ff9a7b" />
      </g>
      <circle cx="24" cy="22" r="2.6" fill="#fff" />
    </svg>
  );
}
