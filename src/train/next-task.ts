/** Lets timers, input and painting have their turn. */
export const nextTask = () => new Promise<void>((resolve) => setTimeout(resolve));
