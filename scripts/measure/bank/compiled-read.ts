import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const source = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
int main(int count, char **sizes) {
  for (int which = 1; which < count; which++) {
    size_t bytes = (size_t)atoi(sizes[which]) << 20;
    uint64_t *numbers = aligned_alloc(4096, bytes), total = 0;
    memset(numbers, 1, bytes);
    double best = 1e9;
    for (int round = 0; round < (bytes < (64u << 20) ? 60 : 8); round++) {
      struct timespec begin, end;
      clock_gettime(CLOCK_MONOTONIC, &begin);
      for (size_t at = 0; at < bytes / 8; at++) total += numbers[at];
      clock_gettime(CLOCK_MONOTONIC, &end);
      double seconds = (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9;
      if (seconds < best) best = seconds;
    }
    printf("%f %d\\n", bytes / best / 1e9, (int)(total & 1));
    free(numbers);
  }
}
`;

/**
 * What one thread of a C program reads, compiled for this very processor: GB/s for each size in MB.
 *
 * @returns `undefined` where there is no C compiler.
 */
export function compiledRead(megabytes: readonly number[], folder: string): number[] | undefined {
  const [file, program] = [join(folder, 'read.c'), join(folder, 'read')];
  writeFileSync(file, source);
  const { status } = spawnSync('cc', ['-O3', '-march=native', file, '-o', program], { stdio: 'ignore' });
  if (status !== 0) return undefined;
  const { stdout } = spawnSync(program, megabytes.map(String), { encoding: 'utf8' });
  return stdout
    .trim()
    .split('\n')
    .map((line) => Number.parseFloat(line));
}
