/** Whether a path fits a pattern of `*` (within a name), `**` (over folders) and `?`; a pattern without a folder is for the last name. */
export function matchesGlob(path: string, pattern: string): boolean {
  const whole = pattern.includes('/') ? pattern.replace(/^\/?/u, '/') : `/**/${pattern}`;
  const source = whole
    .split(/(\/\*\*(?=\/|$)|\*|\?)/u)
    .map((part) => expressions[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`))
    .join('');
  return new RegExp(`^(?:/.*)?${source}$`, 'u').test(path);
}

const expressions: Readonly<Record<string, string>> = { '/**': '(?:/.*)?', '*': '[^/]*', '?': '[^/]' };
