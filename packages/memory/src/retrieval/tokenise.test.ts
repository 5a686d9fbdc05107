import { describe, expect, it } from 'vitest';

import { tokenise } from './tokenise.ts';

describe('tokenise', () => {
  it.each([
    ['Résumé, naïve—ＡＢＣ 12', ['résumé', 'naïve', 'abc', '12']],
    ['re\u0301sume\u0301', ['résumé']],
    ['Где стоит чашка?', ['где', 'стоит', 'чашка']],
    ['Die STRASSE, die Straße', ['die', 'strasse', 'die', 'strasse']],
    ['ΟΔΟΣ İzmir', ['οδοσ', 'izmir']],
    ['寿司を食べる', ['寿司', '司を', 'を食', '食べ', 'べる']],
    ['コーヒー ｺｰﾋｰ', ['コー', 'ーヒ', 'ヒー', 'コー', 'ーヒ', 'ヒー']],
    ['학교에서', ['학교', '교에', '에서']],
    ['GPT模型x', ['gpt', '模型', 'x']],
    ['水', ['水']],
    ['❤️ 👍🏽 👩‍💻 🇩🇪 1️⃣', ['❤', '👍', '👩', '💻', '🇩🇪', '1']],
    ['Donau\u00ADdampf', ['donaudampf']],
    ['The mug is hot. Put it down, slowly: now!', ['the', 'mug', 'is', 'hot', 'put', 'it', 'down', 'slowly', 'now']],
    ['—…!', []],
    ['', []],
  ])('cuts %j into words', (text, words) => {
    expect(tokenise(text)).toEqual(words);
  });

  it.each([
    ['parseHTTPResponse', ['parsehttpresponse', 'parse', 'http', 'response']],
    ['getURLs', ['geturls', 'get', 'urls']],
    ['überPrüfung', ['überprüfung', 'über', 'prüfung']],
    ['snake_case_name', ['snake_case_name', 'snake', 'case', 'name']],
    ['__init__', ['init']],
    ['kebab-case', ['kebab-case', 'kebab', 'case']],
    ['foo.bar()', ['foo.bar', 'foo', 'bar']],
    ['v2.10.3', ['2.10.3', 'v2', '10', '3']],
    ['std::vector', ['std::vector', 'std', 'vector']],
    ['./src/http-client.ts', ['src/http-client.ts', 'src', 'http-client.ts', 'http-client', 'http', 'client', 'ts']],
    ['重试fetchData()', ['重试', 'fetchdata', 'fetch', 'data']],
  ])('gives %j as a whole and in parts', (text, words) => {
    expect(tokenise(text)).toEqual(words);
  });

  it('gives ideographs of a longer run by themselves when it is told to, and says what stands for a whole', () => {
    const wholes = new Set<string>();
    expect(tokenise('我的猫 a-b', { withSingles: true, wholes })).toEqual([
      '我的',
      '的猫',
      '我',
      '的',
      '猫',
      'a-b',
      'a',
      'b',
    ]);
    expect([...wholes]).toEqual(['a-b']);
  });

  it('cuts plain text as it cuts any other', () => {
    const text = 'Read v1.2 of src/app-server.ts: getHTTPPort() or NODE_ENV, not-so C:\\temp\\x; e.g. 3.5 ~ std::map.';
    expect([...tokenise(text), '寿司']).toEqual(tokenise(`${text} 寿司`));
  });
});
