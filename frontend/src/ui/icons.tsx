const paths = {
  heart: 'M12 20.3 4.6 13a4.9 4.9 0 0 1 0-7 4.9 4.9 0 0 1 7 0l.4.5.4-.5a4.9 4.9 0 0 1 7 0 4.9 4.9 0 0 1 0 7Z',
  reply: 'M20 11.5a7.5 7.5 0 0 1-7.5 7.5H5l1.8-3A7.5 7.5 0 1 1 20 11.5Z',
  repost: 'M6.5 15.5v-6a2 2 0 0 1 2-2H16m-3-3 3 3-3 3m4.5-2v6a2 2 0 0 1-2 2H8m3 3-3-3 3-3',
  home: 'M4 11.2 12 4l8 7.2M6 9.8V20h4.2v-5.4h3.6V20H18V9.8',
  person: 'M12 12.2a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.8 20c.7-3.4 3.6-5.4 7.2-5.4s6.5 2 7.2 5.4',
  trace: 'M4 6.5h9M8 12h8M12 17.5h8',
  signals: 'M5 18v-4m4.7 4V9.5m4.6 8.5v-6m4.7 6V6',
  sun: 'M12 8.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6ZM12 3v1.6m0 14.8V21m9-9h-1.6M4.6 12H3m15.4-6.4-1.2 1.2M6.8 17.2l-1.2 1.2m12.8 0-1.2-1.2M6.8 6.8 5.6 5.6',
  moon: 'M19.6 14.4A8 8 0 0 1 9.6 4.4a8 8 0 1 0 10 10Z',
  close: 'm6.5 6.5 11 11m0-11-11 11',
  copy: 'M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8A1.5 1.5 0 0 1 15 10.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9Z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  out: 'M13.5 5H19v5.5M19 5l-8 8M10 6H6.5A1.5 1.5 0 0 0 5 7.5v10A1.5 1.5 0 0 0 6.5 19h10a1.5 1.5 0 0 0 1.5-1.5V14',
  offline: 'M4 4l16 16M8.5 15.5a5 5 0 0 1 5.5-1m-9-3a10 10 0 0 1 4-2.3m4.5-.500a10 10 0 0 1 5.5 2.8M12 19h.01',
} as const

export type IconName = keyof typeof paths

/** Always beside words or inside something that has a name of its own. */
export const Icon = ({ name, size = 20 }: { name: IconName; size?: number }) => (
  <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)
