import { describe, expect, it } from 'vitest';

import { lexicalIndex } from './lexical-index.ts';

/** Texts of one kind, each with a query that must find it first among all texts of all kinds. */
const skills: Readonly<Record<string, readonly (readonly [text: string, query: string])[]>> = {
  English: [
    ['Heat the mug in the microwave before it goes into the cabinet.', 'microwave mug'],
    ['Rinse dirty dishes under the tap before placing them on the shelf.', 'dirty dishes'],
    ["Don't open the door while the alarm is set.", 'alarm door'],
    ['The café’s résumé template is in the drawer.', 'RÉSUMÉ café'],
    ['Retry the request after a pause when the server is overloaded.', 'overloaded server'],
    ['The URLs and IDs of a page are listed at its end.', 'urls ids'],
    ['Weigh the parcel, then print the label.', 'parcel label'],
    ['A well-known trick: freeze the grapes first.', 'well known grapes'],
  ],
  German: [
    ['Die Straße vor dem Haus muss im Winter geräumt werden.', 'STRASSE räumen Winter'],
    ['Größere Töpfe gehören in den unteren Schrank.', 'grössere töpfe'],
    ['Die Donaudampfschifffahrtsgesellschaft fährt nur im Sommer.', 'Donaudampfschifffahrtsgesellschaft'],
    ['Müll wird am Dienstag abgeholt, Papier am Freitag.', 'MÜLL Dienstag'],
    ['Vor dem Backen den Ofen auf 180 Grad vorheizen.', 'Ofen vorheizen'],
    ['Die E-Mail-Adresse steht auf der Rückseite der Karte.', 'E-Mail Adresse'],
    ['Fußgänger haben an der Ampel Vorrang.', 'fussgänger ampel'],
    ['Schlüssel hängen neben der Haustür.', 'Schlu\u0308ssel Haustür'],
  ],
  Chinese: [
    ['先把杯子放进微波炉加热，再放回橱柜。', '微波炉加热杯子'],
    ['洗碗之前要先用热水冲一遍。', '热水冲洗碗'],
    ['我的猫喜欢睡在窗台上。', '猫'],
    ['服务器过载时请稍后重试请求。', '服务器过载'],
    ['钥匙通常放在门口的抽屉里。', '钥匙在哪个抽屉'],
    ['发送邮件前检查附件是否已添加。', '邮件附件'],
    ['每天早上给郁金香浇水。', '郁金香浇水'],
    ['比较几家商店的价格再下单。', '比较价格'],
  ],
  Japanese: [
    ['マグカップを電子レンジで温めてから棚に戻す。', '電子レンジ マグカップ'],
    ['コーヒーは朝だけ飲む。', 'コーヒー'],
    ['寿司を食べる前に手を洗う。', '寿司を食べる'],
    ['サーバーが混んでいるときは少し待って再試行する。', 'サーバー 再試行'],
    ['鍵は玄関の引き出しにある。', '鍵の引き出し'],
    ['請求書は月末に送る。', '請求書'],
    ['ﾃﾚﾋﾞのﾘﾓｺﾝはソファの下にある。', 'テレビのリモコン'],
    ['傘は雨の日に貸し出す。', '傘'],
  ],
  Korean: [
    ['머그컵을 전자레인지에 데운 다음 찬장에 넣는다.', '전자레인지 머그컵'],
    ['학교에서는 휴대폰을 끈다.', '학교 휴대폰'],
    ['서버가 바쁘면 잠시 후 다시 요청한다.', '서버 요청'],
    ['열쇠는 현관 서랍에 있다.', '열쇠 서랍'],
    ['김치는 냉장고에 보관한다.', '김치를 냉장고'],
    ['비가 오면 창문을 닫는다.', '창문 비'],
    ['영수증은 파란 상자에 모은다.', '영수증'],
    ['회의 전에 자료를 인쇄한다.', '회의 자료 인쇄'],
  ],
  code: [
    ['parseHTTPResponse fails on a chunked body.', 'http response'],
    ['Call load_user_profile once a session.', 'load user profile'],
    ['Set max-retry-count to 3 for slow hosts.', 'max-retry-count'],
    ['config.get() reads the file again each time.', 'config.get'],
    ['Version v2.10.3 broke the date parser.', '2.10.3'],
    ['Upgrade to v2.1.03 for the fix of the calendar.', 'v2.1.03'],
    ['The bug is in src/utils/date-format.ts near the end.', 'date-format.ts'],
    ['std::vector grows by doubling.', 'vector doubling'],
    ['NODE_ENV must be production on the server.', 'NODE_ENV'],
    ['An XMLHttpRequest cannot be sent twice.', 'XMLHttpRequest'],
    ['useEffect runs after each paint.', 'useEffect'],
    ['C:\\Users\\shared\\fonts holds the typefaces.', 'fonts typefaces'],
  ],
  mixed: [
    ['重试 fetchData() 之前先清空缓存。', 'fetch data 缓存'],
    ['GPT模型需要更长的上下文。', 'gpt 模型'],
    ['Der API-Schlüssel liegt in config/secrets.yml.', 'secrets.yml'],
    ['🔥 means the build is broken.', '🔥'],
    ['👍🏽 closes the vote.', '👍'],
    ['❤️ marks a favourite recipe.', '❤'],
    ['Parties with 🇩🇪 or 🇫🇷 guests need two menus.', '🇫🇷'],
    ['Nguyễn writes the minutes.', 'Nguye\u0302\u0303n'],
    ['Где стоит самовар? На кухне.', 'САМОВАР кухня'],
    ['Ο ΔΡΟΜΟΣ είναι κλειστός.', 'δρόμος κλειστος δρομος'],
  ],
};

describe.each(Object.entries(skills))('%s', (_, texts) => {
  const all = Object.values(skills).flat();
  const index = lexicalIndex();
  for (const [text] of all) index.add(text, text);

  it.each(texts.map(([text, query]) => [query, text] as const))('%j finds the right one of all', (query, text) => {
    expect(all.length).toBeGreaterThanOrEqual(50);
    const [best, second] = index.search(query, { limit: 2 });
    expect(best?.id).toBe(text);
    expect(best!.score).toBeGreaterThan(second?.score ?? 0);
  });
});

it('puts the text with the whole identifier before those with its parts', () => {
  const index = lexicalIndex();
  const texts = [
    'A response to an HTTP request: parse it, parse the response, parse HTTP.',
    'parseHTTPResponse is called by the client, which then waits for a long time before it goes on to anything else.',
    'http response codes',
    'parse a date',
  ];
  for (const text of texts) index.add(text, text);
  expect(index.search('parseHTTPResponse', { limit: 4 })[0]?.id).toBe(texts[1]);
  expect(index.search('http response', { limit: 4 }).map(({ id }) => id)).toContain(texts[1]);
});
