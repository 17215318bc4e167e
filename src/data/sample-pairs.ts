/** Invented pairs, so that the panel has something to train on without a file: a polite answer is preferred to a blunt one. */
const POLITE_OVER_BLUNT: readonly (readonly [prompt: string, chosen: string, rejected: string])[] = [
  ['Can I borrow your bike?', 'Of course you can.', 'No, you can walk.'],
  ['Is the report ready?', 'I am sorry, it is not ready yet.', 'It is not ready.'],
  ['Could you turn the music down?', 'Of course, thank you for asking.', 'No, you can close the door.'],
  ['Do you have a table for two?', 'I am sorry, not today. We have one tomorrow.', 'No, not today.'],
  ['Did you like my cake?', 'Thank you, it was lovely.', 'It was dry.'],
  ['Can you help me with this form?', 'Of course I can help you.', 'No, I am busy.'],
  ['Where is the station?', 'It is on the left, not far from here.', 'It is on the map.'],
  ['May I leave early today?', 'Yes, you may. Thank you for asking.', 'You may not.'],
  ['Is this seat taken?', 'No, it is free. Please sit down.', 'It is not taken.'],
  ['Can you repeat the question?', 'Of course I can.', 'No, you can read it.'],
  ['Why is my order late?', 'I am sorry, it is our mistake.', 'It is late. You can wait.'],
  ['Would you read my draft?', 'Thank you, I can read it tomorrow.', 'No, it is too long.'],
  ['Am I in the right queue?', 'I am sorry, it is the one on the left.', 'No, you are not.'],
  ['Can I pay by card?', 'You can, thank you.', 'No, you can not.'],
  ['Is it going to rain?', 'It is, please take a coat.', 'It is on the news.'],
  ['Can we meet on Friday?', 'I am sorry, I am busy. We can meet on Monday.', 'No, not on Friday.'],
];

export const samplePairsJsonl = POLITE_OVER_BLUNT.map(([prompt, chosen, rejected]) => JSON.stringify({ prompt, chosen, rejected })).join(
  '\n',
);
