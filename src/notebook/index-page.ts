import { storedTheme } from '../page/theme.ts';

// The list itself is in the HTML.
const theme = storedTheme();
if (theme !== 'system') document.documentElement.dataset['theme'] = theme;
