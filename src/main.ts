import { mount } from 'svelte';
import App from './App.svelte';
import { decodeLink } from './app/link.ts';
import { type EngineChoice, Session } from './app/session.svelte.ts';
import { storedTheme } from './app/theme.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');

const theme = storedTheme();
if (theme !== 'system') document.documentElement.dataset['theme'] = theme;

const asked = new URLSearchParams(location.search).get('engine');
const choice: EngineChoice = asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

// The toy takes the CPU engine about a millisecond, so the first paint has its curves already.
const { state: link, problems } = decodeLink(location.hash);
const session = await Session.create({ choice, calm, link });
mount(App, { target, props: { session, theme, linkProblems: problems } });
void session.open();
