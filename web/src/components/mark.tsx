/** The mark: a branch leaving a line. */
export const Mark = ({ size = 18 }: { size?: number }) => (
  <svg
    viewBox="0 0 18 18"
    width={size}
    height={size}
    fill="none"
    stroke="currentColor"
    strokeWidth="2"
    strokeLinecap="round"
    aria-hidden="true"
  >
    <path d="M5 5.2v7.6" />
    <path d="M5 12c0-4.5 8-2 8-6.8" />
    <circle cx="5" cy="3.4" r="1.7" fill="currentColor" stroke="none" />
    <circle cx="5" cy="14.6" r="1.7" fill="currentColor" stroke="none" />
    <circle cx="13" cy="3.6" r="2" />
  </svg>
);
