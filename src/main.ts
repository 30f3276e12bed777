#!/usr/bin/env node
/** The `whisker` command: the list of commands, and the only place where the exit code is set. */
import { calledAs, sayAsCalled } from './commands/called-as.js';
import type { CommandEntry, CommandGroup } from './commands/command.js';
import { reportError } from './commands/report-error.js';
import { runShell } from './commands/shell.js';
import { readVersion } from './commands/version.js';

const COMMANDS: readonly (CommandEntry | CommandGroup)[] = [
  {
    usage: 'pretrain <config> [settings..]',
    summary: 'learn an encoder from unlabelled poses',
    load: () => import('./commands/pretrain.js'),
  },
  {
    usage: 'finetune <config> [settings..]',
    summary: 'fit linear heads and their controls on a few labels',
    load: () => import('./commands/finetune.js'),
  },
  {
    usage: 'predict <run> <data>',
    summary: 'label every frame with the heads of a finetuning',
    load: () => import('./commands/predict.js'),
  },
  {
    usage: 'evaluate <run> <data>',
    summary: 'score the heads of a finetuning on labelled data',
    load: () => import('./commands/evaluate.js'),
  },
  {
    usage: 'suggest <run> <data>',
    summary: 'choose the stretches that are worth labelling next',
    load: () => import('./commands/suggest.js'),
  },
  {
    usage: 'report <runs..>',
    summary: 'write one HTML page about runs: tables, curves, ethograms, poses',
    load: () => import('./commands/report.js'),
  },
  {
    usage: 'embed <run> <data>',
    summary: 'write the features of every frame',
    load: () => import('./commands/embed.js'),
  },
  {
    usage: 'export <run>',
    summary: 'write an encoder as safetensors or as a SavedModel',
    load: () => import('./commands/export.js'),
  },
  {
    name: 'sweep',
    summary: 'run every variant of some settings with every seed, and compare',
    commands: [
      {
        usage: 'run <config> [settings..]',
        summary: 'start a sweep, or take up what its file asks for now',
        load: () => import('./commands/sweep-run.js'),
      },
      {
        usage: 'resume <sweep>',
        summary: 'go on where it stopped, every job from its own checkpoint',
        load: () => import('./commands/sweep-resume.js'),
      },
      {
        usage: 'status <sweep>',
        summary: 'show how every job stands',
        load: () => import('./commands/sweep-status.js'),
      },
      {
        usage: 'retry <sweep> [jobs..]',
        summary: 'try again what failed',
        load: () => import('./commands/sweep-retry.js'),
      },
      {
        usage: 'table <sweep>',
        summary: 'compare the variants by what is measured so far',
        load: () => import('./commands/sweep-table.js'),
      },
      {
        usage: 'job <sweep> <index>',
        summary: 'work on one task of it, as Slurm and other queues call it',
        load: () => import('./commands/sweep-job.js'),
      },
    ],
  },
  {
    usage: 'doctor',
    summary: 'check what this machine can do',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'engine',
    summary: 'install TensorFlow for the CPU or for CUDA',
    commands: [
      {
        usage: 'install <name>',
        summary: 'fetch, check and build an engine: cpu or cuda',
        load: () => import('./commands/engine-install.js'),
      },
      {
        usage: 'list',
        summary: 'show the engines that are installed',
        load: () => import('./commands/engine-list.js'),
      },
      {
        usage: 'clear',
        summary: 'remove all installed engines',
        load: () => import('./commands/engine-clear.js'),
      },
    ],
  },
  {
    name: 'data',
    summary: 'fetch, simulate, import, inspect and export data sets',
    commands: [
      {
        usage: 'fetch <name> [parts..]',
        summary: 'download the archives of a published data set',
        load: () => import('./commands/data-fetch.js'),
      },
      {
        usage: 'simulate',
        summary: 'two mice with planted behaviours, as CalMS21 or as a lab of its own has them',
        load: () => import('./commands/data-simulate.js'),
      },
      {
        usage: 'import <config> [settings..]',
        summary: 'read poses and labels into a data set',
        load: () => import('./commands/data-import.js'),
      },
      {
        usage: 'inspect <folder>',
        summary: 'show what a data set holds and what looks wrong in it',
        load: () => import('./commands/data-inspect.js'),
      },
      {
        usage: 'export <folder>',
        summary: 'write a data set for other programs: .npy, .npz or csv',
        load: () => import('./commands/data-export.js'),
      },
    ],
  },
  {
    name: 'bench',
    summary: 'measure speed on this machine',
    commands: [
      {
        usage: 'step',
        summary: 'a training step of a plain transformer',
        load: () => import('./commands/bench-step.js'),
      },
      {
        usage: 'pretrain',
        summary: 'a step of masked and contrastive pretraining',
        load: () => import('./commands/bench-pretrain.js'),
      },
      {
        usage: 'embed',
        summary: 'features of a frozen encoder',
        load: () => import('./commands/bench-embed.js'),
      },
      {
        usage: 'heads',
        summary: 'the fit of a head',
        load: () => import('./commands/bench-heads.js'),
      },
      {
        usage: 'data <file>',
        summary: 'reading poses',
        load: () => import('./commands/bench-data.js'),
      },
      {
        usage: 'start',
        summary: 'from a command to its first training step',
        load: () => import('./commands/bench-start.js'),
      },
      {
        usage: 'estimate',
        summary: 'what --dry-run says of a run against what then happens',
        load: () => import('./commands/bench-estimate.js'),
      },
    ],
  },
  {
    name: 'checkpoint',
    summary: 'look at checkpoints: what they hold, whether they are whole, what differs',
    commands: [
      {
        usage: 'inspect <checkpoint>',
        summary: 'show what a checkpoint holds',
        load: () => import('./commands/checkpoint-inspect.js'),
      },
      {
        usage: 'verify <checkpoint>',
        summary: 'read every byte and compare every checksum',
        load: () => import('./commands/checkpoint-verify.js'),
      },
      {
        usage: 'diff <one> <other>',
        summary: 'compare two checkpoints, bit for bit',
        load: () => import('./commands/checkpoint-diff.js'),
      },
    ],
  },
  {
    name: 'config',
    summary: 'look at settings: show, check, compare, start new ones',
    commands: [
      {
        usage: 'show <config> [settings..]',
        summary: 'print complete settings and where each comes from',
        load: () => import('./commands/config-show.js'),
      },
      {
        usage: 'check <configs..>',
        summary: 'check settings files',
        load: () => import('./commands/config-check.js'),
      },
      {
        usage: 'schema [kind]',
        summary: 'print the JSON Schema for editors',
        load: () => import('./commands/config-schema.js'),
      },
      {
        usage: 'list [kind] [prefix]',
        summary: 'list the settings that there are',
        load: () => import('./commands/config-list.js'),
      },
      {
        usage: 'diff <one> <other>',
        summary: 'compare the complete settings of two files',
        load: () => import('./commands/config-diff.js'),
      },
      {
        usage: 'init [kind] [file]',
        summary: 'write settings to start from, or for recordings of your own',
        load: () => import('./commands/config-init.js'),
      },
    ],
  },
];

/** A reader that has seen enough (`| head`) is no failure. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

/** It asks runs for a checkpoint; where none listens (yet), Node would open its debugger to all of the machine's users. */
function keepDebuggerClosed(): void {
  process.on('SIGUSR1', () => {});
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const called = calledAs({
    script: process.argv[1],
    folder: process.cwd(),
    environment: process.env,
  });
  endQuietlyWhenNobodyReads();
  keepDebuggerClosed();
  try {
    await runShell(args, {
      entries: COMMANDS,
      version: sayAsCalled(await readVersion(args.includes('--version')), called),
      stdout: process.stdout,
      stderr: process.stderr,
      environment: process.env,
      columns: process.stdout.columns ?? 100,
      called,
    });
  } catch (error) {
    const { text, exitCode } = reportError(error, { json: args.includes('--json'), called });
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}

await main();
