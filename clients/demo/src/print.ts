import { styleText } from 'node:util';

/** What a person sees of the story. */
export interface Print {
  /** Begins a chapter. */
  step(title: string): void;
  fact(text: string): void;
  /** Something that came by itself over a subscription. */
  live(who: string, text: string): void;
  end(text: string): void;
}

export function consolePrint(): Print {
  let steps = 0;
  return {
    step: (title) => {
      steps += 1;
      console.log(`\n${styleText('bold', `${steps}. ${title}`)}`);
    },
    fact: (text) => console.log(`   ${text}`),
    live: (who, text) => console.log(styleText('cyan', `   live · ${who} · ${text}`)),
    end: (text) => console.log(`\n${styleText(['bold', 'green'], text)}`),
  };
}
