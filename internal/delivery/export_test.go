package delivery

// ForgetAnswers has the next answers made from their parts.
func (s *Service) ForgetAnswers() { s.answers.InvalidateAll() }
