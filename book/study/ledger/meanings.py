"""What each claim or observation means, in a sentence or two for somebody who has not read its rule."""

MEANINGS = {
    "C1-1":
        "Waves that move without changing shape need a handful of numbers, however fine the picture is. We build the "
        "networks by hand and compare them with the exact solution.",
    "C1-2":
        "If the coefficients are straight lines in time, then predicting the wave is no harder than extending a line.",
    "C1-3":
        "A linear space needs many basis functions for something that moves. We give POD exactly as many directions "
        "as the network keeps, and compare errors.",
    "C1-4": "A fast network is only worth having if a wider, more accurate original does not slow it down.",
    "C1-5":
        "Design and control need derivatives, so the compressed network should give those too, cheaply and correctly.",
    "C2-1":
        "Low rank is what the whole method rests on. We test it on every layer of every trained network instead of "
        "trusting the formula.",
    "C2-2": "The fast way to evaluate a layer and the sum in the paper's definition must be the same map.",
    "C2-3":
        "If a small error in the coefficients made a large error in the wave, no surrogate could be trusted. We "
        "compare with a network whose weights are all free.",
    "C3-1":
        "The wave equation in any dimension can be written as such a network with a number of coefficients that grows "
        "only with the dimension.",
    "C3-2":
        "The error must also fall as the network is widened. We measure how fast, and compare with the theorem's "
        "rate.",
    "C3-3": "An error that is small at the start should stay small. The energy shows whether it can grow.",
    "C3-4": "The same counting works for pure transport, where nothing but a shift happens.",
    "C3-5":
        "Shocks form and merge, and still a fixed number of coefficients carries them all. This is what linear spaces "
        "cannot do.",
    "C3-6": "A theorem says that a good network exists. This asks whether training finds it.",
    "C4.0-1":
        "Without low rank built in, a hypernetwork could still find it by itself. We look at the singular values of "
        "the weights it makes.",
    "C4.0-2":
        "The closest relative of LRNR cannot imitate it in general. For trained networks we try to build the "
        "imitation.",
    "C4.1-1": "If coefficients died out by themselves, the sparsity penalty would be superfluous.",
    "C4.1-2": "The obvious penalty is the sum of magnitudes. This asks whether the paper needed a special one.",
    "C4.1-3":
        "The paper's explanation is that different coefficients matter at different times, so that a plain penalty "
        "has no fixed set to keep. We compare their order over time.",
    "C4.1-4": "The special penalty should let most coefficients die at hardly any cost in accuracy.",
    "C4.1-5": "A weight of 1e-18 multiplies a gradient. We ask whether any change at all arrives in single precision.",
    "C4.1-6":
        "Orthogonality of the factors is said to help the training itself. We train in pairs, with it and without it.",
    "C4.2-1": "Shocks are hard to learn. We train an ordinary network for as long and see how far it comes.",
    "C4.2-2":
        "Smoothed data are easier to learn at first. The question is whether this saves time when the target is the "
        "true data.",
    "C4.2-3":
        "In two dimensions the solver puts its points where the fronts are. This asks whether that replaces the "
        "smoothing.",
    "C4.2-4": "Few points a frame mean less memory, if the training still works with them.",
    "C4.2-5":
        "Beside a large error at the front the square hardly counts small oscillations, the absolute value does. We "
        "change only the exponent and look at both.",
    "C4.3-1":
        "A method that needs a special optimiser would be of less use. The paper gives thresholds, and we see who "
        "reaches them, and when.",
    "C4.3-2":
        "Each time the smoothing is reduced the data change under the network's feet. It should recover, and go on "
        "improving afterwards.",
    "C4.3-3": "The course of the two penalties tells when the network's factors take their final shape.",
    "C4.3-4": "The picture of the rival shows wiggles and smeared jumps. We measure both.",
    "C4.3-5": "A rival should not win by being smaller. This one is half as wide.",
    "C4.3-6": "Perhaps any accurate network is low dimensional inside. We count dimensions in the rivals too.",
    "C4.3-7":
        "Parameters that must be tuned cost users their time. We vary each one and see how much the result depends on "
        "it.",
    "C4.3-8": "Between two samples the network has to guess. The hard case is the moment when two waves merge.",
    "C4.3-9":
        "Nothing is trained at the times between the samples, so the error there tells whether the network knows the "
        "motion or only the frames.",
    "C4.3-10": "Before anything is trained, the data themselves must be those the paper describes.",
    "C4.3-11": "A rival that diverges late would be no rival. Only a long run can show it.",
    "C5.0-1": "In the authors' network more than half of the coefficients of a layer never wake up.",
    "C5.0-2":
        "The wave jumps, the coefficients should not: this is what makes the coefficients easy to learn, to "
        "interpolate and to extend.",
    "C5.0-3":
        "The constructions of the theory have coefficients that are lines in time. This asks whether training finds "
        "something similar.",
    "C5.0-4": "Coefficients that stay near zero can be left out. We leave them out and look at the error.",
    "C5.1-1": "If all coefficients move together along few directions, then those directions describe the wave.",
    "C5.1-2": "The number of directions that the authors found, for each wave.",
    "C5.1-3":
        "A hypernetwork whose last layer is linear cannot use more directions than it is wide, and one for the bias. "
        "The recipe's last layer is not linear.",
    "C5.1-4": "Smooth curves are well described by polynomials. This asks for a degree of 30 and almost all digits.",
    "C5.1-5": "The change of coordinates must be exact algebra, not an approximation.",
    "C5.1-6": "Keeping only the significant directions should cost nothing.",
    "C5.1-7": "Layers could each move along directions of their own. The claim is that they share them.",
    "C5.2-1":
        "If a few directions explain how the wave changes from one moment to the next, then moving along them moves "
        "the wave.",
    "C5.2-2":
        "A step away from the learnt path should still look like a wave, without new wiggles or impossible values.",
    "C5.2-3":
        "A mode with a meaning should come back when the network is trained again. We train three times and compare "
        "what the modes do.",
    "C5.2.1-1": "What the authors saw in their first two modes before the blasts meet.",
    "C5.2.1-2": "What the authors saw in the same two modes after the blasts have met.",
    "C5.2.1-3": "At the merger, their first mode carries the whole peak to the right.",
    "C5.2.1-4": "At the merger, their second mode gathers the peak.",
    "C5.2.1-5": "At the merger, their third mode presses the peak and works on its left side alone.",
    "C5.2.1-6": "At the merger, their fourth mode lifts the peak and puts a new jump beside it.",
    "C5.2.1-7": "At the merger, their fifth mode moves the peak between slopes that stay. Our measure of a shift, a "
                "cross-correlation, says little on slopes as straight as these.",
    "C5.2.2-1":
        "If one mode moves the wave along its own future, that mode plays the part of time. We ask whether the "
        "changed field is closer to a later field than to the present one.",
    "C5.2.2-2": "The authors saw their second mode announce a wave before it enters.",
    "C5.2.2-3": "The authors saw their second mode treat narrow and broad peaks differently.",
    "C5.2.2-4": "The authors' first mode lowers the whole field by the same amount everywhere.",
    "C5.2.2-5": "What the authors saw in their modes 3 to 5 of the sound ring.",
    "C5.2.2-6": "The authors' sixth mode nudges single peaks.",
    "C5.2.3-1":
        "The same question of time for Burgers' equation, where a later field has a sharper tip and a longer fan.",
    "C5.2.3-2": "The authors' first mode moves the smooth part and leaves the shocks alone.",
    "C5.2.3-3": "The authors' modes 3 and 4 work on the middle and on the diagonal.",
    "C5.2.3-4": "The authors' modes 5 and 6 reshape the tip.",
    "C5.2.4-1": "The same question of time for the swirl, which is wound up, unwound and wound up the other way.",
    "C5.2.4-2":
        "Shortly before the swirl has unwound, a step along the authors' second mode straightens the interface to the "
        "line it started as.",
    "C5.2.4-3": "The authors' modes 1 and 3 lift and twist the interface.",
    "C5.2.4-4": "The authors' modes 4 to 6 each work on one part of the interface.",
    "C5.3-1":
        "A surrogate that breaks into noise a little off its path is of little use. We go far away and count wiggles.",
    "C5.3-2": "The same distance is gone with other models, to see whether coherence is special to this one.",
    "C5.3-3": "A far step should give something new, and not just a frame the network has seen.",
    "C5.3-4": "What the authors saw far along their modes 1 and 2.",
    "C5.3-5": "What the authors saw far along their modes 3 and 5.",
    "C5.3-6": "What the authors saw far along their mode 4.",
    "C6-1":
        "At fixed points the hidden states move in a small space. Its dimension decides how far the network can be "
        "compressed.",
    "C6-2": "If every network had such small hidden spaces, the compression would work for all of them.",
    "C6-3": "Where nothing is left out, the compressed network must equal the full one to the last digit.",
    "C6-4": "More rank should buy more accuracy, down to the level at which nobody sees a difference.",
    "C6-5": "The rank needed should be about that of the weights, so that it is known before anything is compressed.",
    "C6-6": "The promise of the compression is speed. We count operations and measure times on one thread.",
    "C6-7":
        "Thirty pictures a second need millions of values a second. The paper gives no number to hold this against, "
        "so we print ours.",
    "C7-1": "The network is never told that its square is periodic. We look along the sides for a seam.",
    "C7-2":
        "Outside the square there were no data. A wave that will enter later must come from somewhere, and the "
        "network has to put it there.",
    "C7-3": "A wave that has left is no longer needed, and still it may live on for a while.",
    "C7-4": "Near the end no more waves will enter, so nothing outside has to be remembered.",
    "C7-5": "Where no characteristic ever enters the square, the network has no reason to know anything.",
    "C7-6": "Structures outside should come in along the characteristics and tidy up on the way.",
    "C7-7": "What the authors saw of the shock after it has left, and of the field at the end.",
    "C7-8":
        "Causality would mean that the network knows what will enter, and not what has left. We compare both, and "
        "train on frames in reversed order as a control.",
    "CA-1":
        "The theory is built of plane waves. Their sum must solve the wave equation with the right initial data, "
        "signs and factors included.",
    "CA-2":
        "A picture rebuilt from its projections is just such a sum, which ties the networks to the Radon transform.",
}
