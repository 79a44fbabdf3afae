/** Words that change nothing about the pipeline. What could ("not", "without", "last", "if") is never among them. */
const SILENT = new Set(
  `i'd we'd a an the and then it its them they this that these those which who i we you me us our my your please can could would like want wants need needs
  have has to for of on in from at by with as is are be will should must also just so thanks thank hi hello hey
  create build make makes set up setup draft write writes new pipeline pipelines job config load loads
  read reads reading take takes use uses using source sources table tables topic topics stream streams dataset datasets data file files feed
  oracle kafka debezium cdc via adls s3 lake delta iceberg parquet row rows record records transactions transaction orders order payments payment
  aggregate aggregates aggregated aggregation aggregating group grouped grouping compute computes computed calculate calculates calculated show shows give gives
  sum result results output outputs into column columns field fields where whose only all every each per run runs schedule scheduled filter filters filtered keep keeps
  join joins joined summary report reports statistics stats totals figures overview send sends get gets one there key keys merge
  mode value values copy copies copying store stores save saves`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

/** Words of a request that no reader took and that may mean something. */
export function leftovers(left: string): string[] {
  return (left.match(/@[a-z]\d+|[\p{L}\p{N}_#'-]+(?:\.[\p{L}\p{N}_]+)*|[<>=!%*+]+/gu) ?? []).filter(
    (word) => !word.startsWith('@d') && !SILENT.has(word.toLowerCase()) && /[\p{L}\p{N}<>=%*]/u.test(word),
  );
}
