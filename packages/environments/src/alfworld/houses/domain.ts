/**
 * The rules of household games, as PDDL.
 *
 * Behaves and prints like the domain of the official games, and is built otherwise: what cannot be closed counts as opened from the start, a
 * free hand is a fact of its own, and an appliance works because it `heats`, `cools` or `cleans`, whatever its kind, so that of two microwaves
 * one may refuse.
 */
export const householdDomain = `(define (domain household)
  (:requirements :adl :typing)
  (:types agent place receptacle item kind)
  (:predicates
    ; where things are
    (atLocation ?a - agent ?l - place)
    (receptacleAtLocation ?r - receptacle ?l - place)
    (objectAtLocation ?o - item ?l - place)
    (inReceptacle ?o - item ?r - receptacle)
    (holds ?a - agent ?o - item)
    (handFree ?a - agent)
    ; what things are
    (objectType ?o - item ?k - kind)
    (receptacleType ?r - receptacle ?k - kind)
    (canContain ?rk - kind ?ok - kind)
    (openable ?r - receptacle)
    (pickupable ?o - item)
    (cleanable ?o - item)
    (heatable ?o - item)
    (coolable ?o - item)
    (sliceable ?o - item)
    (sharp ?o - item)
    (toggleable ?o - item)
    (isReceptacleObject ?o - item)
    ; what appliances do
    (cleans ?r - receptacle)
    (heats ?r - receptacle)
    (cools ?r - receptacle)
    ; what becomes of things
    (opened ?r - receptacle)
    (isClean ?o - item)
    (isHot ?o - item)
    (isCool ?o - item)
    (isSliced ?o - item)
    (isToggled ?o - item)
    (checked ?x)
  )

  (:action look
    :parameters (?a - agent ?l - place)
    :precondition (atLocation ?a ?l)
    :effect (checked ?l))
  (:action inventory
    :parameters (?a - agent)
    :precondition (and)
    :effect (checked ?a))
  (:action help
    :parameters (?a - agent)
    :precondition (and)
    :effect (checked ?a))

  (:action walk
    :parameters (?a - agent ?l - place ?to - place ?r - receptacle)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?to) (not (= ?l ?to)))
    :effect (and (not (atLocation ?a ?l)) (atLocation ?a ?to)))
  (:action open
    :parameters (?a - agent ?l - place ?r - receptacle)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (openable ?r) (not (opened ?r)))
    :effect (and (opened ?r) (checked ?r)))
  (:action close
    :parameters (?a - agent ?l - place ?r - receptacle)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (openable ?r) (opened ?r))
    :effect (not (opened ?r)))
  (:action inspect-receptacle
    :parameters (?a - agent ?l - place ?r - receptacle)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l))
    :effect (checked ?r))
  (:action inspect-item
    :parameters (?a - agent ?o - item)
    :precondition (holds ?a ?o)
    :effect (checked ?o))

  (:action take
    :parameters (?a - agent ?l - place ?o - item ?r - receptacle)
    :precondition (and
      (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (opened ?r)
      (inReceptacle ?o ?r) (pickupable ?o) (handFree ?a))
    :effect (and
      (not (inReceptacle ?o ?r)) (not (objectAtLocation ?o ?l))
      (holds ?a ?o) (not (handFree ?a))))
  (:action move
    :parameters (?a - agent ?l - place ?o - item ?r - receptacle ?ok - kind ?rk - kind)
    :precondition (and
      (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (opened ?r)
      (holds ?a ?o) (objectType ?o ?ok) (receptacleType ?r ?rk) (canContain ?rk ?ok))
    :effect (and
      (inReceptacle ?o ?r) (objectAtLocation ?o ?l)
      (not (holds ?a ?o)) (handFree ?a)))

  (:action clean
    :parameters (?a - agent ?l - place ?r - receptacle ?o - item)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (cleans ?r) (holds ?a ?o) (cleanable ?o))
    :effect (isClean ?o))
  (:action heat
    :parameters (?a - agent ?l - place ?r - receptacle ?o - item)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (heats ?r) (holds ?a ?o) (heatable ?o))
    :effect (and (isHot ?o) (not (isCool ?o))))
  (:action cool
    :parameters (?a - agent ?l - place ?r - receptacle ?o - item)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (cools ?r) (holds ?a ?o) (coolable ?o))
    :effect (and (isCool ?o) (not (isHot ?o))))
  (:action use
    :parameters (?a - agent ?l - place ?o - item ?r - receptacle)
    :precondition (and (atLocation ?a ?l) (receptacleAtLocation ?r ?l) (inReceptacle ?o ?r) (toggleable ?o))
    :effect (isToggled ?o))
  (:action slice
    :parameters (?a - agent ?l - place ?co - item ?ko - item)
    :precondition (and (atLocation ?a ?l) (objectAtLocation ?co ?l) (sliceable ?co) (holds ?a ?ko) (sharp ?ko))
    :effect (isSliced ?co))
)
`;
