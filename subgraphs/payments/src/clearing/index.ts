export { mayMoveClearing } from './clearing-move.ts';
export { onClearingMoved } from './on-clearing-moved.ts';
