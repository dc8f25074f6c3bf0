export { clearingMoveOf } from './clearing-move.ts';
export { onClearingMoved } from './on-clearing-moved.ts';
