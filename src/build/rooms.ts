import { views } from '../page/views.ts';

/** Rooms of all views that have an entry of their own; asked for as the module is imported: later Vite runs nothing any more. */
export const rooms = (await Promise.all(views.map(({ roomEntries }) => roomEntries?.() ?? []))).flat();
