/**
 * Lets timers, input and painting have their turn. By a message: a timer that is set again and again waits for 4 ms in browsers, which an
 * engine on many cores would spend for nothing.
 */
export const nextTask = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
