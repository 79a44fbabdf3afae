/**
 * Phrases with which a planted text tries to give orders to a reader that is a model. The flag warns people and counts against the
 * source; nothing depends on it for safety, because text can not act here anyway.
 */
const SIGNS: readonly RegExp[] = [
  /\b(?:do not|don't|never) (?:escalate|ask|wait for)\b/,
  /\bapproval (?:is|was|has been) (?:already )?(?:given|granted)\b|\b(?:already|pre-?) ?approved\b/,
  /\[(?:operator|ops|system|admin(?:istrator)?|security) (?:note|notice|message)\]/,
  /\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|all|your|these|system)\b.{0,30}\b(?:instructions?|prompts?|rules?|context|messages?|guidelines)\b/,
  /\b(?:new|updated|real|actual) (?:system )?instructions?\b\s*[:-]/,
  /\byou are (?:now|no longer)\b|\bact as (?:an?|the) (?:admin|administrator|root|assistant|system)\b/,
  /\b(?:system prompt|developer message|jailbreak)\b/,
  /\b(?:as|dear|attention|note to|message (?:to|for)|instructions? (?:to|for)) (?:an? |the |any )?(?:ai|llm|language model|assistant|agent|bot|chatbot|model)\b/,
  /\b(?:auto-?approve|approve|accept|confirm)\b.{0,25}\b(?:this|the|any|all|every)\b.{0,15}\b(?:proposals?|repairs?|changes?|requests?|fix|actions?|incidents?)\b/,
  /\b(?:without|skip|bypass|no need for)\b.{0,20}\b(?:approvals?|confirmation|human review|the gate|countersign)/,
  /\b(?:run|execute|invoke|issue) the following\b/,
  // Not "please use": every deprecation warning says that.
  /\b(?:you must|you should|please|now) (?:immediately |now )?(?:call|invoke|propose|escalate|conclude)\b/,
  /\b(?:you must|you should) (?:immediately |now )?use\b/,
  /\b(?:call|use|invoke)\b.{0,20}\b(?:tool|function)\b/,
  /\bpropose_(?:dag_retry|schema_evolution|config_rollback|resource_increase)\b/,
  /<\/?(?:system|assistant|user|tool_call|function_calls?|invoke|instructions?|im_start|im_end)\b[^>]{0,40}>|<\|[a-z_]{2,20}\|>|\[\/?inst\]|<<\/?sys>>/,
  /(?:^|\s)#{2,}\s*(?:system|assistant|instruction)s?\b|^\W{0,4}(?:assistant|developer)\s*:/,
  /^\W{0,4}system\s*:\s*(?:you|ignore|please|the user|new|from now)/,
  /"(?:tool_calls?|function_call|tool_use)"\s*:|\{\s*"(?:name|tool|function)"\s*:\s*"(?:propose|airflow|spark|delta|kyuubi|schema|git|metric)_/,
  /\b(?:do not|don't|never) (?:tell|inform|mention|report|reveal|alert)\b.{0,30}\b(?:user|human|operator|engineer|anyone|team|approver)/,
];

const LONGEST = 4_000;

/** True when a line reads like an order to the reader and not like data. Compatibility forms and spacing tricks are folded first. */
export function looksLikeInstruction(text: string): boolean {
  return text.split('\n').some((line) => {
    const folded = line
      .slice(0, LONGEST)
      .replace(/^\| /, '')
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s_*`~]+/g, (run) => (run.includes('_') && run.length === 1 ? '_' : ' '));
    return SIGNS.some((sign) => sign.test(folded));
  });
}
