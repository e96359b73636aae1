"""How the listening models were made: the phoneme head and the judge, trained and measured."""
