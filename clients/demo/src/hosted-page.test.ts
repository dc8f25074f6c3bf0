import { describe, expect, test } from '@jest/globals';
import { isSimulated, readForm, readRefresh } from './hosted-page.ts';

describe('a hosted page', () => {
  test('is the simulator’s on this machine, and Stripe’s elsewhere', () => {
    expect(isSimulated('http://127.0.0.1:4242/c/pay/cs_1')).toBe(true);
    expect(isSimulated('http://[::1]:4242/c/pay/cs_1')).toBe(true);
    expect(isSimulated('https://checkout.stripe.com/c/pay/cs_1')).toBe(false);
    expect(isSimulated('https://127.0.0.1.example.com/c/pay/cs_1')).toBe(false);
  });

  test('gives its form with what is typed in it', () => {
    const page = `<form method="get" action="/search"><input name="q"></form>
      <form class="right" method="post" action="/c/pay/cs_1?a=1&#38;b=2"><label>Number<input name="number" inputmode="numeric"
        value="4242 4242"></label><input type="checkbox"><input name="name" value="O&#39;Hara &amp; Sons"><input name="cvc"></form>`;
    expect(readForm(page)).toEqual({
      action: '/c/pay/cs_1?a=1&b=2',
      fields: { number: '4242 4242', name: "O'Hara & Sons", cvc: '' },
    });
    expect(readForm('<p>Paid already</p>')).toBeUndefined();
  });

  test('says where it goes by itself', () => {
    expect(readRefresh('<meta http-equiv="refresh" content="1;url=http://shop/pay/return?a=1&#38;b=2">')).toBe(
      'http://shop/pay/return?a=1&b=2',
    );
    expect(readRefresh('<meta charset="utf-8">')).toBeUndefined();
  });
});
