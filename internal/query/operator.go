package query

// Op is an operator.
type Op string

// The operators, spelled as in brackets; equality has none there.
const (
	Equals Op = "equals"
	Ne     Op = "ne"
	In     Op = "in"
	Nin    Op = "nin"
	All    Op = "all"
	Exists Op = "exists"
	Lt     Op = "lt"
	Lte    Op = "lte"
	Gt     Op = "gt"
	Gte    Op = "gte"
	Match  Op = "match"
	Near   Op = "near"
	Within Op = "within"
	Refers Op = "refers" // search on references, see Ref
)
