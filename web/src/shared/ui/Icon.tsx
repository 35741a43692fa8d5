const PATHS = {
  alert: "M12 8v5M12 16.5v.01M12 3.5 21.5 20h-19z",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500a2 2 0 0 0 4 0",
  bellOff: "M6 16.500V11c0-1 .2-1.900.700-2.700M9.500 5.600A6 6 0 0 1 18 11v3M4.500 18H16M10 20.500a2 2 0 0 0 4 0M3.500 3.500l17 17",
  block: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
  calendar: "M4 6h16v14H4zM4 10.500h16M8 3.500v4M16 3.500v4",
  check: "M4.5 12.5l5 5 10-11",
  checks: "M1.500 12.500l4.500 5 9-11M10.500 16l1.500 1.500 9.500-11",
  clip: "M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.600 1.600 0 0 1-2.300-2.300L14.500 7.500",
  clock: "M12 7v5l3 2M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  down: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  file: "M6 3.500h8l4 4v13H6zM14 3.500v4h4",
  flag: "M5.500 21V4M5.500 4.500h13l-3 4 3 4h-13",
  forward: "M9 5l7 7-7 7",
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 3 3 14 0 17M12 3.5c-3 3-3 14 0 17",
  keyboard: "M3 6h18v12H3zM7 10v.01M11 10v.01M15 10v.01M19 10v.01M7 14h10",
  hash: "M9 4L7 20M17 4l-2 16M4 9h16M3.5 15h16",
  leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  mail: "M3.500 5.500h17v13h-17zM4 6.500l8 6.500 8-6.500",
  mic: "M12 3.500a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0v-5a3 3 0 0 0-3-3zM6 11.500a6 6 0 0 0 12 0M12 17.500v3",
  more: "M5.5 12v.01M12 12v.01M18.5 12v.01",
  newChat: "M12 5H5v14h14v-7M18.5 3.5l2 2L13 13l-3 1 1-3z",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5M16 5a3.3 3.3 0 0 1 0 6.3M18 15c2.2.700 3.5 2.5 3.5 5",
  pin: "M9 4h6l-.800 6 3.300 3v2h-11v-2l3.300-3zM12 15v5.500",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM16 16l4.5 4.5",
  send: "M4 12L3 4l18 8-18 8 1-8zM4 12h8",
  settings: "M4 7h9M17 7h3M15 4.800v4.400M4 17h3M11 17h9M9 14.800v4.400M4 12h12M20 12h.01M18 9.800v4.400",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14c1.8 2.5 5.2 2.5 7 0M9 9.5v.01M15 9.5v.01",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13",
  offline: "M3 3l18 18M8.5 15a5 5 0 0 1 7 0M5 11.5a10 10 0 0 1 4.5-2.6M19 11.5a10 10 0 0 0-5-2.7M12 19v.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth={name === "more" ? 2.8 : 1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
