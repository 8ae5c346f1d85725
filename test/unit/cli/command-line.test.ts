import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { commands } from '#cli/command-table.ts';
import { commandHelp, exitCodeHelp, topHelp } from '#cli/help.ts';
import { parseCommandLine } from '#cli/parse-command-line.ts';

import { runWords } from './run-words.ts';

const restore = commands.find(({ name }) => name === 'restore')!;

describe('every command', () => {
  for (const command of commands) {
    it(`${command.name}: its examples are command lines that it understands`, () => {
      for (const example of command.examples) {
        const words = shellWords(example);
        assert.equal(words.shift(), 'coldframe');
        assert.equal(words.splice(0, command.name.split(' ').length).join(' '), command.name);
        parseCommandLine(command, words);
      }
    });

    it(`${command.name}: its help names every option and argument, in 100 columns`, () => {
      const help = commandHelp(command);
      for (const option of Object.keys(command.options ?? {}))
        assert.match(help, new RegExp(`--${option}\\b`));
      for (const { name } of command.arguments ?? []) assert.ok(help.includes(name));
      for (const line of help.split('\n')) assert.ok(line.length <= 100, line);
    });
  }

  it('is reachable from the first page of the help', () => {
    const top = topHelp(commands);
    for (const { name } of commands)
      assert.match(top, new RegExp(`^  ${name.split(' ')[0]} `, 'm'), name);
  });

  it('has a name of its own', () => {
    assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
  });
});

describe('parsing', () => {
  it('gives arguments, texts, switches and repeated options', () => {
    const line = parseCommandLine(restore, [
      'rp1',
      '--new-name=x y',
      '--disk',
      'a',
      '--disk',
      'b',
      '--power-on',
    ]);
    assert.deepEqual(line.arguments.get('RESTORE_POINT'), ['rp1']);
    assert.equal(line.text('new-name'), 'x y');
    assert.deepEqual(line.texts('disk'), ['a', 'b']);
    assert.equal(line.flag('power-on'), true);
    assert.equal(line.flag('in-place'), false);
    assert.equal(line.text('datastore'), undefined);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /RESTORE_POINT is missing/],
    [['a', 'b'], /"b" is one word too many/],
    [['a', '--colour'], /Unknown option '--colour'/],
    [['a', '--new-name'], /'--new-name <value>' argument missing/],
    [['a', '--power-on=yes'], /'--power-on'/],
    [['a', '--new-name', '--in-place'], /'--new-name' argument is ambiguous/],
  ];
  for (const [words, text] of wrong)
    it(`refuses "${words.join(' ')}" in one line and names the help`, () => {
      assert.throws(
        () => parseCommandLine(restore, words),
        (error: Error) => {
          assert.match(error.message, text);
          assert.match(error.message, /See: coldframe restore --help$/);
          assert.ok(!error.message.includes('\n'));
          return true;
        },
      );
    });
});

describe('what is asked for', () => {
  const cases: readonly (readonly [string, number, 'out' | 'err', RegExp])[] = [
    ['', 2, 'out', /Usage: coldframe COMMAND/],
    ['--help', 0, 'out', /Usage: coldframe COMMAND/],
    ['help', 0, 'out', /Usage: coldframe COMMAND/],
    ['help exit-codes', 0, 'out', /130 {2}cancelled/],
    ['help restore', 0, 'out', /--new-name NAME/],
    ['help endpoint', 0, 'out', /endpoint add NAME/],
    ['help nonsense', 2, 'err', /no help on "nonsense"/],
    ['endpoint', 2, 'out', /endpoint add NAME/],
    ['endpoint --help', 0, 'out', /endpoint add NAME/],
    ['endpoint frob', 2, 'err', /no command "endpoint frob"/],
    ['frob', 2, 'err', /no command "frob"/],
    ['endpoint add --help', 0, 'out', /Usage: coldframe endpoint add NAME/],
    ['version', 0, 'out', /^coldframe \d+\.\d+\.\d+ \(Node v/],
    ['--version', 0, 'out', /^coldframe \d/],
    ['restore rp1', 2, 'err', /Say where to: --new-name NAME/],
    ['restore rp1 --new-name x --in-place', 2, 'err', /Say where to/],
    ['restore rp1 --in-place', 2, 'err', /give --yes/],
    ['backup run x --level fast', 2, 'err', /--level must be a number/],
    ['endpoint add x --user u', 2, 'err', /--thumbprint SHA256, or --trust-authority/],
    ['endpoint add x', 2, 'err', /--user is missing/],
    ['service status', 6, 'err', /is not running\. Start it/],
  ];
  for (const [words, code, where, text] of cases)
    it(`coldframe ${words}: ${code}`, async () => {
      const result = await runWords(words.split(' ').filter((word) => word !== ''));
      assert.match(result[where], text);
      assert.equal(result.code, code);
      if (where === 'err') assert.equal(result.out, '');
    });

  it('gives errors as JSON when JSON was asked for', async () => {
    const { code, err, out } = await runWords(['service', 'status', '--json']);
    assert.equal(code, 6);
    assert.equal(out, '');
    const parsed = JSON.parse(err) as { error: { code: string } };
    assert.equal(parsed.error.code, 'unreachable');
  });

  it('explains every exit code once', () => {
    const codes = [...exitCodeHelp().matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code));
    assert.deepEqual(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130]);
  });
});

/** Words as a shell makes them, with double quotes. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
