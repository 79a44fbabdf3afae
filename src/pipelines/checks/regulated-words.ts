/** What regulated logic is called, by topic and in several languages; small letters, without accents. Data, read by regulated.ts. */
export interface RegulatedTopic {
  topic: string;
  /** Words of a name or a request that mean it by themselves. */
  words: readonly string[];
  /** Beginnings of such words, at least five letters. */
  stems: readonly string[];
  /** Words that mean it one after the other. */
  phrases: readonly string[];
  /** Short words that mean it only beside one of `near`. */
  weak?: { words: readonly string[]; near: readonly string[] };
  /** Parts of a text of a language that has no spaces. */
  parts?: readonly string[];
}

export const REGULATED_TOPICS: readonly RegulatedTopic[] = [
  {
    topic: 'fraud',
    words: ['frode', 'frodi', 'svindel', 'oszustwo', 'oszustwa', 'petos', 'podvod', 'podvodu', 'csalas'],
    stems: ['fraud', 'betrug', 'betrug', 'betrueg', 'frauduleu', 'bedrager', 'dolandiric', 'мошенни'],
    phrases: [],
    parts: ['欺诈', '詐欺', '不正検知', 'احتيال', '사기'],
  },
  {
    topic: 'anti money laundering',
    words: ['aml', 'cft', 'smurfing', 'riciclaggio', 'antiriciclaggio', 'witwassen', 'antiblanchiment', 'pld'],
    stems: ['geldwasch', 'geldwaesch', 'blanchiment', 'blanqueo', 'penningtvatt', 'hvidvask', 'hvitvask', 'rahanpes', 'отмыван', 'penzmos'],
    phrases: [
      'money laundering',
      'terrorist financing',
      'suspicious transaction',
      'suspicious transactions',
      'suspicious activity',
      'reporting threshold',
      'lavado de dinero',
      'lavado de activos',
      'lavagem de dinheiro',
      'pranie pieniedzy',
      'prania pieniedzy',
      'prani spinavych penez',
      'kara para',
      'operaciones sospechosas',
      'operazioni sospette',
      'declaration de soupcon',
      'verdachtige transacties',
      'verdachtige transacties',
      'verdachtige transactie',
    ],
    parts: ['洗钱', '資金洗浄', 'マネーロンダリング', 'غسل الاموال', '자금세탁'],
  },
  {
    topic: 'credit risk (PD, LGD, EAD)',
    words: ['lgd', 'ead', 'rwa'],
    stems: ['ausfallwahrscheinlich', 'kreditscor', 'kreditausfall', 'bonitatsscor', 'bonitaetsscor', 'verlustquote'],
    phrases: [
      'probability of default',
      'default probability',
      'prob default',
      'pd model',
      'pd score',
      'loss given default',
      'exposure at default',
      'risk weighted',
      'credit score',
      'credit scores',
      'credit scoring',
      'probabilite de defaut',
      'perte en cas de defaut',
      'probabilidad de incumplimiento',
      'probabilidad de impago',
      'probabilita di default',
      'probabilita di insolvenza',
      'probabilidade de incumprimento',
      'probabilidade de inadimplencia',
      'kans op wanbetaling',
      'prawdopodobienstwo niewykonania',
      'temerrut olasiligi',
      'вероятность дефолта',
    ],
    weak: {
      words: ['pd'],
      near: ['lgd', 'ead', 'default', 'defaults', 'obligor', 'obligors', 'rating', 'ratings', 'basel', 'ifrs', 'irb', 'lifetime', 'loan', 'loans', 'kredit', 'borrower', 'borrowers', 'model', 'score', 'grade', 'pit', 'ttc'],
    },
    parts: ['违约概率', 'デフォルト確率'],
  },
  {
    topic: 'expected credit loss',
    words: ['ecl', 'cecl'],
    stems: [],
    phrases: [
      'expected credit loss',
      'expected credit losses',
      'expected loss',
      'expected losses',
      'credit loss',
      'erwarteter kreditverlust',
      'erwartete kreditverluste',
      'perte de credit attendue',
      'pertes de credit attendues',
      'pertes attendues',
      'perdida crediticia esperada',
      'perdidas crediticias esperadas',
      'perdita attesa',
      'perdite attese',
      'perda esperada',
      'verwacht kredietverlies',
      'verwachte kredietverliezen',
    ],
    parts: ['预期信用损失'],
  },
  {
    topic: 'sanctions',
    words: ['ofac', 'sancion', 'sanciones', 'sancionado', 'sancionados', 'sancoes', 'sancie', 'yaptirim', 'yaptirimlar'],
    stems: ['sanction', 'sanktion', 'sanzion', 'sancties', 'sankcj', 'санкц'],
    phrases: ['watch list screening', 'watchlist screening', 'embargo list'],
    parts: ['制裁', 'عقوبات'],
  },
];

/** Words before or behind a short name that make it the name of something else: the department PD. */
export const NAMES_OF_UNITS: readonly string[] = [
  ...['department', 'dept', 'team', 'unit', 'division', 'desk', 'branch', 'office', 'group', 'called', 'named', 'code'],
  ...['abteilung', 'bereich', 'filiale', 'genannt', 'departement', 'service', 'equipe', 'appele', 'nomme', 'departamento'],
  ...['area', 'equipo', 'llamado', 'reparto', 'ufficio', 'squadra', 'chiamato', 'afdeling', 'genaamd', 'dzial', 'departman'],
];

/** Amounts from which a payment has to be reported somewhere. */
export const REPORTING_THRESHOLDS: readonly number[] = [1000, 3000, 5000, 10_000, 12_500, 15_000, 50_000, 100_000];
