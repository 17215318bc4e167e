/** Playback speeds in updates a second; the last trains as fast as the page can draw. */
export const speeds = [5, 15, 30, 60, 240, Number.POSITIVE_INFINITY] as const;
export const defaultSpeed = 30;
