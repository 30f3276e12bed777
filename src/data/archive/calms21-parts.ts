import type { WantedFile } from './fetch-record.js';

/** CalMS21 (Sun et al. 2021), DOI 10.22002/D1.1991: the list of its files. */
export const CALMS21_RECORD_URL = 'https://data.caltech.edu/api/records/s0vdx-0k302/files';

/** What a person should know before it is fetched. */
export const CALMS21_TERMS = [
  'CalMS21 (Sun et al. 2021), doi.org/10.22002/D1.1991',
  'Licence: CC BY 4.0 says the archive; the paper names CC BY-NC-SA. Cite the paper, link to the record, pass no files on.',
];

/** The parts that hold poses and labels, and those that nothing here reads, in the order in which they are fetched. */
export const CALMS21_PARTS = ['task1', 'task2', 'task3', 'unlabelled', 'mars', 'videos'] as const;

/** A part of CalMS21's record that `data fetch` knows. */
export type Calms21ArchivePart = (typeof CALMS21_PARTS)[number];

/** What is fetched when nobody names parts: poses and labels. */
export const CALMS21_DEFAULT_PARTS: readonly Calms21ArchivePart[] = ['task1', 'task2', 'task3', 'unlabelled'];

/** The archives of a part, with the checksum of version 1.0 where it is known. `videos` are 102 GB, in two formats. */
export const CALMS21_ARCHIVES: Readonly<Record<Calms21ArchivePart, readonly WantedFile[]>> = {
  task1: [{ name: 'task1_classic_classification.zip', md5: '8a02654fddae28614ee24a6a082261b8' }],
  task2: [{ name: 'task2_annotation_styles.zip', md5: 'c97e87e13e77ffb80c073e05c05a4683' }],
  task3: [{ name: 'task3_new_behaviors.zip', md5: 'df59df02d069bab1cfc376cdc1a3925b' }],
  unlabelled: [{ name: 'unlabeled_videos.zip', md5: '35ab3acdeb231a3fe1536e38ad223b2e' }],
  mars: [{ name: /mars.*\.zip$/i }],
  videos: [
    { name: 'task1_videos_mp4.zip', md5: '790b2ff6054c0889c3b0112b3a12eacc' },
    { name: 'task1_videos_seq.zip' },
  ],
};
