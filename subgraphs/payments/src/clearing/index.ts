export { onClearingMoved } from './on-clearing-moved.ts';
