/** Families of failure by the stable token of an error text, never by a whole sentence. */
export type Family =
  | 'credentials'
  | 'outage'
  | 'protocol'
  | 'missing_column'
  | 'column_type'
  | 'schema_mismatch'
  | 'unknown_value'
  | 'dependency'
  | 'memory'
  | 'disk'
  | 'lost_executor'
  | 'throttled'
  | 'conflict'
  | 'expired_data'
  | 'missing_data'
  | 'quota'
  | 'slots'
  | 'outside_hand'
  | 'setting';

/** Read from the top: a line belongs to the first family of which a token stands in it. */
export const SIGNALS: readonly { family: Family; tokens: RegExp }[] = [
  {
    family: 'protocol',
    tokens:
      /unsupported (?:reader|writer|read|write|delta|table)[\w ]* (?:features?|protocol)|UNSUPPORTED_(?:READ|WRITE|FEATURES?)|DELTA_INVALID_PROTOCOL|requires? (?:reader|writer) (?:version|table feature)/i,
  },
  {
    family: 'missing_column',
    tokens:
      /UNRESOLVED_COLUMN|COLUMN_NOT_FOUND|SQLSTATE: 42703|cannot resolve column|couldn't find column|column '?[^' ]+'? (?:not found|cannot be resolved|does not exist)|No such struct field|FIELD_NOT_FOUND/i,
  },
  {
    family: 'column_type',
    tokens:
      /column cannot be converted|SchemaColumnConvertNotSupported|COLUMN_DATA_TYPE_MISMATCH|failed to merge (?:incompatible|fields)|FAILED_TO_MERGE|MERGE_INCOMPATIBLE|DATATYPE_MISMATCH|CAST_INVALID_INPUT|TYPE_MISMATCH|cannot (?:safely )?cast|incompatible (?:data )?type|due to an overflow/i,
  },
  {
    family: 'schema_mismatch',
    tokens:
      /schema mismatch|SCHEMA_MISMATCH|METADATA_MISMATCH|error_code"?: ?409|incompatible with an earlier schema|NOT NULL constraint|schema change|incompatible schema|SCHEMA_CHANGED/i,
  },
  {
    family: 'unknown_value',
    tokens:
      /unknown (?:enum )?(?:symbol|value)|no enum constant|CHECK constraint|not (?:a member|one) of|unexpected (?:enum|symbol)/i,
  },
  {
    family: 'credentials',
    tokens:
      /AADSTS\d+|AccessDenied|AuthorizationPermissionMismatch|not authorized|authorization failed|authentication failed|SASL|\b401\b|\b403\b|InvalidAccessKey|ExpiredToken|SignatureDoesNotMatch|(?:token|secret|credential|certificate|key)s? (?:\w+ ){0,3}(?:is|are|has|have|was)? ?(?:expired|revoked|invalid)|Forbidden!?\s?Configured service account|permission denied/i,
  },
  {
    family: 'dependency',
    tokens:
      /ClassNotFoundException|NoClassDefFound|NoSuchMethodError|NoSuchFieldError|IncompatibleClassChange|UnsupportedClassVersion|AbstractMethodError|ModuleNotFoundError|ImportError|failed to find data source|ErrImagePull|ImagePullBackOff|Broken DAG|AttributeError: module/i,
  },
  {
    family: 'quota',
    tokens:
      /failed quota|exceeded quota|FailedScheduling|Insufficient (?:cpu|memory)|above the max threshold|Pod took too long|not accepted any resources/i,
  },
  {
    family: 'slots',
    tokens:
      /QUERY_QUEUE_FULL|too many queued|EXCEEDED_TIME_LIMIT|exceeded (?:the )?(?:maximum|queued|run) time|stuck in queued|no (?:free|open) slots|waiting for (?:a )?slot/i,
  },
  {
    family: 'memory',
    tokens:
      /OutOfMemory|OOMKilled|UNABLE_TO_ACQUIRE_MEMORY|exceed(?:ed|ing)[\w -]*memory limit|EXCEEDED_(?:LOCAL|GLOBAL)_MEMORY|CLUSTER_OUT_OF_MEMORY|cluster is out of memory|Java heap space|GC overhead|Negsignal\.SIGKILL|return code -9|signal=-9|out of memory|maxResultSize/i,
  },
  { family: 'disk', tokens: /No space left on device|DiskPressure/i },
  {
    family: 'throttled',
    tokens:
      /\bSlow ?Down\b|ServerBusy|over the account limit|reduce your request rate|TooManyRequests|Too Many Requests|status code:? (?:429|503)|rate exceeded|ThrottlingException/i,
  },
  {
    family: 'conflict',
    tokens:
      /Concurrent(?:Append|DeleteRead|DeleteDelete|Transaction|Write)Exception|DELTA_CONCURRENT_|Transaction conflict detected|MetadataChangedException|ProtocolChangedException|files were added to the root|tried \d+ times but did not succeed/i,
  },
  {
    family: 'expired_data',
    tokens:
      /OffsetOutOfRange|OFFSET_OUT_OF_RANGE|Cannot fetch offset|is out of range for partition|not within the range of offsets|log has been truncated|log retention|file referenced in the transaction log|not contiguous/i,
  },
  {
    family: 'missing_data',
    tokens:
      /AirflowSensorTimeout|sensor has timed out|PATH_NOT_FOUND|Path does not exist|FileNotFoundException|no (?:rows|data|files|partition) (?:for|found|in|of)|partition \S+ (?:is )?(?:missing|not found|does not exist|incomplete)|not (?:yet )?(?:arrived|landed)|freshness|stale|rows? dropped|behind watermark|expected at least/i,
  },
  {
    family: 'outside_hand',
    tokens: /externally set to|Was the task killed externally/i,
  },
  {
    family: 'lost_executor',
    tokens:
      /Lost executor|ExecutorLostFailure|FetchFailed|Missing an output location|exit(?:ed with)? (?:exit )?code:? ?1(?:37|43)|no recent heartbeats|heartbeat|zombie|Task received SIGTERM|Evicted|decommission|preempt|too many errors talking to a worker|PAGE_TRANSPORT|driver pod not found|NodeNotReady|NOT_LEADER|fewer in-sync replicas/i,
  },
  {
    family: 'outage',
    tokens:
      /Could not connect to the endpoint|UnknownHost|Unable to execute HTTP request|TEMPORARILY_UNAVAILABLE|Connection refused|connection reset|Connection timed out|Service Unavailable|Name or service not known|endpoint.*unreachable/i,
  },
  {
    family: 'setting',
    tokens:
      /invalid (?:value|configuration|config|quantity)|IllegalArgumentException|unrecognized (?:option|setting|configuration)|must be (?:less|greater|at least|at most|positive)/i,
  },
];

/** The family of one line; undefined when it holds no token, or when it only gives advice. */
export function familyOf(line: string): Family | undefined {
  return SIGNALS.find(({ tokens }) => tokens.test(line))?.family;
}

const COLUMN = [
  /(?:column|field|parameter)[\w ,]*? with name `([^`]+)`/gi,
  /cannot resolve column name "([^"]+)"/gi,
  /column '([^']+)'/gi,
  /couldn't find column (\S+)/gi,
  /Column: \[([^\]]+)\]/gi,
  /column: \[([^\]]+)\]/gi,
  /for column:? [`']?([A-Za-z_]\w*)/gi,
  /failed to merge fields '?(\w+)'? and '?(\w+)'?/gi,
  /field '(\w+)' at path/gi,
  /(?:column|field) `([^`]+)`/gi,
  /KeyError: '?(\w+)'?/gi,
  /has a NOT NULL constraint.*?column (\w+)/gi,
];

/** Names of columns that an error text is about, without qualifiers. */
export function columnsIn(text: string): string[] {
  const names = COLUMN.flatMap((pattern) => [...text.matchAll(pattern)].flatMap((match) => match.slice(1)));
  return [...new Set(names.filter((name) => name !== undefined).map((name) => name.split('.').at(-1) ?? name))];
}
