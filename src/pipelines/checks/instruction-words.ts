/** Ways to ask a machine to leave out its checks, by language; small letters, without accents. Data, read by instructions.ts. */
export interface Asking {
  /** Beginnings of verbs. */
  verbs: readonly string[];
  /** Beginnings of what shall be left out. */
  objects: readonly string[];
}

export const SKIPPING: readonly Asking[] = [
  {
    verbs: ['skip', 'bypass', 'disable', 'circumvent', 'suppress', 'turn off', 'switch off', 'do not run', 'don t run', 'do not perform', 'no need to run', 'remove', 'deactivate'],
    objects: ['checks', 'the check', 'all check', 'any check', 'validation', 'tests', 'the review', 'human review', 'any review', 'approval', 'the gate', 'guardrail', 'the sandbox', 'safety', 'compliance', 'governance', 'the rules', 'all rules', 'policy', 'policies', 'security'],
  },
  {
    verbs: ['ignore', 'disregard', 'forget', 'override'],
    objects: ['instructions', 'previous instruction', 'all instruction', 'your instruction', 'the rules', 'all rules', 'your rules', 'checks', 'the check', 'all check', 'findings', 'guardrail', 'policy', 'policies', 'approval', 'validation', 'the above', 'everything above', 'errors and', 'safety', 'system prompt'],
  },
  {
    verbs: ['commit', 'deploy', 'merge', 'ship', 'release', 'publish', 'go live', 'write it', 'run it', 'draft it', 'create it'],
    objects: ['without check', 'without any check', 'without running', 'without test', 'without review', 'without a review', 'without any review', 'without approval', 'without validation', 'without asking'],
  },
  {
    verbs: ['uberspring', 'ueberspring', 'ignorier', 'umgeh', 'deaktivier', 'schalte', 'lass', 'vergiss', 'missachte'],
    objects: ['prufung', 'pruefung', 'kontroll', 'checks', 'tests', 'freigabe', 'genehmigung', 'anweisung', 'regeln', 'validierung', 'richtlinie'],
  },
  {
    verbs: ['ignore', 'saute', 'contourne', 'desactive', 'passe outre', 'oublie', 'omet'],
    objects: ['controle', 'verification', 'validation', 'les tests', 'approbation', 'instructions', 'les regles', 'consignes'],
  },
  {
    verbs: ['omit', 'ignor', 'salta', 'saltes', 'desactiv', 'evita', 'elude', 'olvida'],
    objects: ['comprobacion', 'los controles', 'las validacion', 'la validacion', 'verificacion', 'las pruebas', 'aprobacion', 'instruccion', 'las reglas', 'revision'],
  },
  {
    verbs: ['salta', 'ignora', 'aggira', 'disattiva', 'ometti', 'dimentica'],
    objects: ['controlli', 'il controllo', 'verifich', 'convalid', 'i test', 'approvazion', 'istruzion', 'le regole', 'revision'],
  },
  {
    verbs: ['pule', 'pular', 'ignore', 'ignora', 'desative', 'contorne', 'esqueca'],
    objects: ['verificac', 'validac', 'os testes', 'aprovac', 'instruc', 'as regras', 'revisao', 'controles'],
  },
  {
    verbs: ['sla', 'negeer', 'omzeil', 'schakel', 'vergeet'],
    objects: ['controles', 'de controle', 'validatie', 'de tests', 'goedkeuring', 'instructie', 'de regels'],
  },
  {
    verbs: ['pomin', 'zignoruj', 'ignoruj', 'obejdz', 'wylacz', 'zapomnij'],
    objects: ['kontrol', 'sprawdz', 'walidac', 'testy', 'zatwierdz', 'instrukc', 'reguly', 'zasady'],
  },
  {
    verbs: ['пропуст', 'игнорир', 'отключ', 'обойди', 'забудь'],
    objects: ['проверк', 'тест', 'одобрен', 'инструкц', 'правил', 'валидац', 'согласован'],
  },
  {
    verbs: ['atla', 'yok say', 'devre disi', 'gormezden', 'unut'],
    objects: ['kontrol', 'dogrulama', 'test', 'onay', 'talimat', 'kural'],
  },
];

/** Sentences that claim an answer or a role that a person or the machine did not give. */
export const CLAIMS: readonly string[] = [
  ...['mark this as approved', 'mark it as approved', 'mark as approved', 'treat this as approved', 'treat as approved'],
  ...['consider this approved', 'already approved by', 'pre approved by', 'auto approve', 'automatically approve'],
  ...['mark all checks as passed', 'mark checks as passed', 'report no findings', 'report zero findings', 'say that all checks'],
  ...['you are now', 'system prompt', 'developer mode', 'lower the severity', 'do not tell the reviewer', 'hide this from'],
];

/** The same without spaces between words. */
export const SKIPPING_PARTS: readonly (readonly [verb: string, object: string])[] = [
  ['跳过', '检查'],
  ['忽略', '指令'],
  ['忽略', '规则'],
  ['绕过', '审批'],
  ['スキップ', 'チェック'],
  ['無視', '指示'],
  ['スキップ', '承認'],
  ['تجاهل', 'التعليمات'],
  ['تخطي', 'الفحوصات'],
];
